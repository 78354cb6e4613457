import path from "node:path";
import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import { EXPORT_FORMATS, exportPass, partPath, type ExportFormat } from "../../engine/client/export-pass.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import { showInformation } from "../text/notification.ts";

const CHOICES: readonly { readonly label: string; readonly detail: string; readonly format: ExportFormat }[] = [
  {
    label: t("Trace"),
    detail: t("Forward and backward, op by op, for Perfetto (ui.perfetto.dev) and Chrome's tracing"),
    format: "trace",
  },
  {
    label: t("Model Explorer"),
    detail: t("The graph, with gradient norms and verdicts as node data in files beside it"),
    format: "model-explorer",
  },
];

/** Writes the shown pass for a tool that people choose. */
export async function exportShownPass(session: GradientSession | null): Promise<void> {
  if (!session?.readable || !session.cursor) throw new Error(t("There is no pass to export: stop in one first."));
  const { pass } = session.cursor;
  const choice = await vscode.window.showQuickPick(CHOICES, {
    title: t("Export Pass"),
    placeHolder: t`For which tool is pass ${pass + 1}?`,
  });
  if (!choice) return;
  const extension = EXPORT_FORMATS[choice.format];
  const name = path.basename(session.program).replace(/\.[^.]+$/u, "");
  const suggested = `${name}-pass-${pass + 1}.${choice.format}${extension}`;
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(path.join(path.dirname(session.program), suggested)),
    filters: { JSON: [extension.slice(1)] },
    title: t("Export Pass"),
  });
  if (!target) return;
  const { files, remarks } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: t("Exporting the pass") },
    () => exportPass(session.engine, pass, choice.format),
  );
  for (const { part, text } of files) {
    const uri = target.with({ path: partPath(target.path, part) });
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  }
  const names = files.map(({ part }) => path.basename(partPath(target.fsPath, part)));
  await showInformation([t`Wrote ${names.join(", ")}.`, ...remarks].join(" "));
}
