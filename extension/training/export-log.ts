import path from "node:path";
import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { LogFormat } from "../../engine/protocol/training-log.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import { showInformation } from "../text/notification.ts";

const FORMATS: readonly { readonly label: string; readonly detail: string; readonly format: LogFormat }[] = [
  { label: "CSV", detail: t("A table, for spreadsheets and data frames"), format: "csv" },
  { label: "TensorBoard", detail: t("A folder with an event file"), format: "tensorboard" },
];

/** Writes the training log where people choose, for a program that they choose. */
export async function exportTrainingLog(session: GradientSession | null): Promise<void> {
  if (!session?.alive) throw new Error(t("There is no training log: no session is open."));
  const choice = await vscode.window.showQuickPick(FORMATS, {
    title: t("Export Training Log"),
    placeHolder: t("For which program?"),
  });
  if (!choice) return;
  const name = path.basename(session.program).replace(/\.[^.]+$/u, "");
  const isTable = choice.format === "csv";
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(path.join(path.dirname(session.program), `${name}-training${isTable ? ".csv" : ""}`)),
    ...(isTable && { filters: { CSV: ["csv"] } }),
    title: t("Export Training Log"),
  });
  if (!target) return;
  const { file, passes } = await session.engine.exportLog(choice.format, target.fsPath);
  void showInformation(
    passes === 1
      ? t`Wrote the training log of 1 pass to ${file}.`
      : t`Wrote the training log of ${passes} passes to ${file}.`,
  );
}
