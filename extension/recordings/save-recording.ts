import path from "node:path";
import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { SavedRecording } from "../../engine/protocol/engine.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import { showInformation } from "../text/notification.ts";

const EXTENSION = "backstep";

/** Saves what a session has recorded: the shown pass, or all that are kept. Shows progress, and can be cancelled. */
export async function saveRecording(session: GradientSession | null): Promise<void> {
  if (!session?.readable || !session.cursor) throw new Error(t("There is no pass to save: stop in one first."));
  const { pass } = session.cursor;
  const kept = (await session.passes()).filter((one) => one.kept);
  const passes = await pickPasses(pass + 1, kept.length);
  if (passes === undefined) return;
  const name = path.basename(session.program).replace(/\.[^.]+$/u, "");
  const suggested = path.join(path.dirname(session.program), `${name}-pass-${pass + 1}.${EXTENSION}`);
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(suggested),
    filters: { [t("Backstep recording")]: [EXTENSION] },
    title: t("Save Recording"),
  });
  if (!target) return;
  const saved = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: t("Saving the recording"), cancellable: true },
    (progress, cancelled) =>
      session.saveRecording(target.fsPath, passes === "all" ? null : [pass], cancelled, (done, total) =>
        progress.report({ message: t`pass ${Math.min(done + 1, total)} of ${total}`, increment: 100 / total }),
      ),
  );
  if (saved) await offerToOpen(saved);
}

async function pickPasses(shown: number, kept: number): Promise<"this" | "all" | undefined> {
  if (kept < 2) return "all";
  const choices = [
    { label: t`Pass ${shown}`, description: t("the one that is shown"), passes: "this" as const },
    { label: t`All ${kept} Kept Passes`, description: "", passes: "all" as const },
  ];
  const choice = await vscode.window.showQuickPick(choices, {
    title: t("Save Recording"),
    placeHolder: t("Of which passes?"),
  });
  return choice?.passes;
}

async function offerToOpen({ file }: SavedRecording): Promise<void> {
  const open = t("Open");
  const choice = await showInformation(t`Saved ${path.basename(file)}.`, open);
  if (choice === open) await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(file));
}
