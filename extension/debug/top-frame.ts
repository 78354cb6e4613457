import * as vscode from "vscode";

/** VS Code takes up an answer some tasks after it was sent, and tells nobody when. */
const RETRY_MS = 25;
const MOST_TRIES = 4;

/**
 * Has VS Code show the top frame of the first session that stands still: its line in the editor, its variables. The
 * keyboard stays where it is, unlike after a stop. Tries until another frame than before is the one shown.
 * @param source the frame's document
 * @param avoid the column of the panel that has the keyboard, which stays in view
 */
export async function showTopFrame(source: vscode.Uri | null, avoid?: vscode.ViewColumn): Promise<void> {
  if (source) await bringIntoView(source, avoid);
  const before = vscode.debug.activeStackItem;
  for (let tries = 0; tries < MOST_TRIES && vscode.debug.activeStackItem === before; tries++) {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    await vscode.commands.executeCommand("workbench.action.debug.focusProcess");
  }
}

/**
 * Shows a document and leaves the keyboard alone. The command that shows a frame makes the document's group the active one;
 * where another was maximised, VS Code puts the keyboard into whichever is active as it shows all of them again, and the next
 * key meant for the panel would be typed into the model file. So they are shown first, while the panel's is the active one.
 */
async function bringIntoView(source: vscode.Uri, avoid: vscode.ViewColumn | undefined): Promise<void> {
  const { One, Two } = vscode.ViewColumn;
  const viewColumn =
    columnOf(source) ??
    vscode.window.visibleTextEditors.find(({ viewColumn: column }) => column !== undefined && column !== avoid)
      ?.viewColumn ??
    (avoid === One ? Two : One);
  try {
    await vscode.window.showTextDocument(source, { viewColumn, preserveFocus: true });
  } catch {
    // A file that is gone: the command says so.
  }
}

/** The editor group in which a document is open, preferably in front. */
function columnOf(source: vscode.Uri): vscode.ViewColumn | undefined {
  const address = source.toString();
  const tabs = vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === address);
  return (tabs.find((tab) => tab.isActive) ?? tabs[0])?.group.viewColumn;
}
