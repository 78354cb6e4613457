import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { PassId } from "../../engine/protocol/ids.ts";
import type { PanelManager } from "../panel/panel-manager.ts";
import type { GradientSession } from "../session/gradient-session.ts";

interface Choice extends vscode.QuickPickItem {
  /** Null: of another recording. */
  readonly pass: PassId | null;
}

/** Compares the shown pass with another of the same run, with one of another recording, or with a log of DebugMode, in the panel. */
export async function compareRecordings(session: GradientSession | null, panels: PanelManager): Promise<void> {
  if (!session?.readable || !session.cursor)
    throw new Error(t("There is no pass to compare: open a recording, or stop in one."));
  const shown = session.cursor.pass;
  const kept = (await session.passes()).filter((one) => one.kept && one.pass !== shown);
  const choices: Choice[] = [
    { label: t("Another Recording…"), pass: null },
    ...kept.map((one) => ({ label: t`Pass ${one.pass + 1}`, pass: one.pass })),
  ];
  const choice =
    choices.length === 1
      ? choices[0]
      : await vscode.window.showQuickPick(choices, {
          title: t`Compare pass ${shown + 1}`,
          placeHolder: t("With what?"),
        });
  if (!choice) return;
  const panel = panels.of(session) ?? panels.open(session.program, session);
  if (choice.pass !== null) return panel.compareWith(null, choice.pass);
  const [file] =
    (await vscode.window.showOpenDialog({
      filters: { [t("Recording, or log of PyTorch's DebugMode")]: ["backstep", "json"] },
      title: t("Compare With"),
    })) ?? [];
  if (file) panel.compareWith(file.fsPath, null);
}
