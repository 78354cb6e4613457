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
  await vscode.window.showTextDocument(uri, {
    viewColumn: open?.viewColumn ?? (avoid === vscode.ViewColumn.One ? vscode.ViewColumn.Two : vscode.ViewColumn.One),
    selection: rangeOf(site),
    preserveFocus: false,
  });
}
