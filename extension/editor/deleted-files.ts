import * as vscode from "vscode";

/**
 * Tells of files that are gone from the workspace, whoever deleted, moved or renamed them. The listener gets a predicate
 * for their paths: of a folder that is deleted nobody tells the files one by one.
 */
export function onFilesDeleted(listener: (isGone: (uri: vscode.Uri) => boolean) => void): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher("**", true, true, false);
  watcher.onDidDelete(({ path: deleted }) => {
    listener(({ path }) => path === deleted || path.startsWith(`${deleted}/`));
  });
  return watcher;
}
