import * as vscode from "vscode";
import type { Site } from "../../engine/protocol/site.ts";
import { rangeOf } from "./site-range.ts";

/**
 * Shows a place of the user's source, in the editor that has the document open already when there is one.
 * @param place the document, where it is another than the file itself
 * @param avoid the column of whoever asks, which stays in view
 */
export async function openSite(place: vscode.Uri | null, site: Site, avoid?: vscode.ViewColumn): Promise<void> {
  const uri = place ?? vscode.Uri.file(site.file);
  const open = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
  const document = await vscode.workspace.openTextDocument(uri);
  const range = rangeOf(site);
  await vscode.window.showTextDocument(document, {
    viewColumn: open?.viewColumn ?? (avoid === vscode.ViewColumn.One ? vscode.ViewColumn.Two : vscode.ViewColumn.One),
    // A call is selected, to tell it from others on its line. A method, such as a Function's backward, is not: the next
    // key that somebody types would replace the whole.
    selection: isMethod(document, range) ? new vscode.Range(range.start, range.start) : range,
    preserveFocus: false,
  });
}

/** Whether a range is one where a method is written, and no call. */
function isMethod(document: vscode.TextDocument, range: vscode.Range): boolean {
  return /^(?:static\s|async\s|def\s|@|backward\s*\()/u.test(document.getText(range));
}
