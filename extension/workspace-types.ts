import * as vscode from "vscode";
import { t } from "../engine/language/translate.ts";
import { ask, showInformation } from "./text/notification.ts";

const encoder = new TextEncoder();

/**
 * Copies the declarations of "backstep" into a workspace, as a package that every editor and compiler finds: for set-ups
 * where the TypeScript server's plugins do not load.
 */
export async function addTypes(context: vscode.ExtensionContext): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error(t("Open a folder first: the types are added to it."));
  const target = vscode.Uri.joinPath(folder.uri, "node_modules", "backstep");
  if (await exists(vscode.Uri.joinPath(target, "package.json"))) {
    const replace = t("Replace");
    const choice = await ask(t("node_modules/backstep exists already."), replace);
    if (choice !== replace) return;
  }
  const { fs } = vscode.workspace;
  await fs.createDirectory(target);
  await fs.copy(vscode.Uri.joinPath(context.extensionUri, "dist", "types"), vscode.Uri.joinPath(target, "types"), {
    overwrite: true,
  });
  const { version } = context.extension.packageJSON as { version: string };
  const manifest = {
    name: "backstep",
    version,
    type: "module",
    types: "types/index.d.ts",
    exports: { ".": { types: "./types/index.d.ts" } },
  };
  await fs.writeFile(
    vscode.Uri.joinPath(target, "package.json"),
    encoder.encode(`${JSON.stringify(manifest, null, 2)}\n`),
  );
  void showInformation(t('Types for "backstep" are in node_modules/backstep of this workspace.'));
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
