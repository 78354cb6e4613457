import * as vscode from "vscode";

/** VS Code takes up an answer some tasks after it was sent, and tells nobody when. */
const RETRY_MS = 25;
const MOST_TRIES = 4;

/**
 * Has VS Code show the top frame of the first session that stands still: its line in the editor, its variables. The
 * keyboard stays where it is, unlike after a stop. Tries until another frame than before is the one shown.
 */
export async function showTopFrame(): Promise<void> {
  const before = vscode.debug.activeStackItem;
  for (let tries = 0; tries < MOST_TRIES && vscode.debug.activeStackItem === before; tries++) {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    await vscode.commands.executeCommand("workbench.action.debug.focusProcess");
  }
}
