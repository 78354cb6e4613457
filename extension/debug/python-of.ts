import path from "node:path";
import * as vscode from "vscode";
import { readSettings } from "../settings.ts";
import { selectedInterpreter } from "./selected-interpreter.ts";

/** The Python for a file or folder that the settings name, else the one that is selected in VS Code; null where none is. */
export async function pythonOf(uri: vscode.Uri): Promise<string | null> {
  const { python } = readSettings(uri);
  if (python !== "") return inFolder(python, vscode.workspace.getWorkspaceFolder(uri));
  return selectedInterpreter(uri, (id) => vscode.extensions.getExtension(id));
}

/** A path that is named in a workspace is relative to its folder; a name is looked for on the PATH. */
export function inFolder(named: string, folder: vscode.WorkspaceFolder | undefined): string {
  return /[\\/]/u.test(named) && folder ? path.resolve(folder.uri.fsPath, named) : named;
}
