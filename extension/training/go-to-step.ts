import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { PassId } from "../../engine/protocol/ids.ts";
import type { BadStepKind } from "../../engine/protocol/training-log.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import { showInformation } from "../text/notification.ts";

/** Goes to a pass that somebody names by its number, also where it was released. */
export async function goToStep(session: GradientSession | null): Promise<void> {
  const passes = await passesOf(session);
  const shown = (session?.cursor?.pass ?? 0) + 1;
  const text = await vscode.window.showInputBox({
    title: t("Go to Step"),
    prompt: t`Which of the passes 1 to ${passes}? For one that is no longer kept the file is run again.`,
    value: String(shown),
    validateInput: (input) => {
      const number = Number(input);
      return Number.isInteger(number) && number >= 1 && number <= passes
        ? null
        : t`A whole number from 1 to ${passes}, please.`;
    },
  });
  if (text !== undefined) await session?.goToPass((Number(text) - 1) as PassId);
}

const KINDS: readonly { readonly label: string; readonly detail: string; readonly bad: BadStepKind }[] = [
  {
    label: t("Not finite"),
    detail: t("The loss, a gradient or a parameter is NaN or infinite"),
    bad: "not-finite",
  },
  {
    label: t("Exploding gradient"),
    detail: t("A gradient is a hundred times what it was, or a thousand times its parameter"),
    bad: "exploding",
  },
  { label: t("Loss spike"), detail: t("The loss jumps far above what it was"), bad: "loss-spike" },
  {
    label: t("Dead units"),
    detail: t("Half of a layer's units are zero for every example, or a gradient is zero everywhere"),
    bad: "dead-units",
  },
];

/** Goes to the first pass in which the training went wrong in a way that people choose. */
export async function goToFirstBadStep(session: GradientSession | null): Promise<void> {
  await passesOf(session);
  const choice = await vscode.window.showQuickPick(KINDS, {
    title: t("Go to First Bad Step"),
    placeHolder: t("What went wrong?"),
  });
  if (!choice || !session) return;
  const found = await session.engine.firstBadStep(choice.bad);
  if (!found) {
    void showInformation(t`No step is bad in that way: ${choice.detail.toLowerCase()} in none of them.`);
    return;
  }
  await session.goToPass(found.pass);
  void showInformation(t`Pass ${found.pass + 1}: ${found.text}.`);
}

/** How many passes the training log has. @throws Error when there is nothing to go to */
async function passesOf(session: GradientSession | null): Promise<number> {
  if (!session?.readable) throw new Error(t("There is no step to go to: the file must have stopped or ended."));
  const { passes } = await session.engine.trainingLog({ from: 0, to: 0, width: 1, rows: [], quantities: [] });
  if (passes === 0)
    throw new Error(t("There is no step to go to: no backward() has run, or no training log was kept."));
  return passes;
}
