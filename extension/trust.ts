import * as vscode from "vscode";
import { t } from "../engine/language/translate.ts";
import { showWarning } from "./text/notification.ts";

const WHY = t(
  "Debugging gradients runs the model file, and this workspace is not trusted to run code. Recordings and graphs can still be looked at.",
);

/** Whether code of this workspace may run; says why when it may not. */
export async function mayRun(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = t("Manage Workspace Trust");
  const choice = await showWarning(WHY, manage);
  if (choice === manage) await vscode.commands.executeCommand("workbench.trust.manage");
  return vscode.workspace.isTrusted;
}
