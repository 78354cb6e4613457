import * as vscode from "vscode";
import { t } from "../engine/language/translate.ts";
import type { CheckMode } from "../engine/protocol/check.ts";

/** What is compared, in the words of menus: how much of each parameter, or of each op by itself. */
export const CHECK_MODE_TEXTS: readonly {
  readonly mode: CheckMode;
  readonly label: string;
  readonly detail: string;
}[] = [
  { mode: "sampled", label: "A sample of each parameter", detail: "Among it the largest and the smallest gradients" },
  { mode: "full", label: "Every element of each parameter", detail: "Takes minutes for a hundred thousand elements" },
  { mode: "directional", label: "Along random directions", detail: "Fast: covers all elements, and names none" },
  { mode: "local", label: "Each op by itself", detail: "Fastest: no parameter through the whole pass" },
  { mode: "other-inputs", label: "Each op, on other inputs too", detail: "Finds rules that are right by luck" },
  { mode: "second-order", label: "Second derivatives of each op", detail: "For losses that contain gradients" },
];

/** Asks; undefined when nobody chose. */
export async function pickCheckMode(): Promise<CheckMode | undefined> {
  const choices = CHECK_MODE_TEXTS.map(({ mode, label, detail }) => ({
    mode,
    label: t(label),
    detail: t(detail),
  }));
  const picked = await vscode.window.showQuickPick(choices, {
    placeHolder: t("What to compare with finite differences"),
  });
  return picked?.mode;
}
