import * as vscode from "vscode";
import type { Site } from "../../engine/protocol/site.ts";
import { rangeOf } from "./site-range.ts";

/** Shows a place of the user's source, in the editor that has the file open already when there is one. */
export async function openSite(site: Site): Promise<void> {
  const uri = vscode.Uri.file(site.file);
  const open = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.fsPath === uri.fsPath);
  await vscode.window.showTextDocument(uri, {
    viewColumn: open?.viewColumn ?? vscode.ViewColumn.One,
    selection: rangeOf(site),
    preserveFocus: false,
  });
}
