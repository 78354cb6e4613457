import * as vscode from "vscode";

/** The page that lists every kind of fault, as it is shipped. */
function page(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, "docs", "findings.md");
}

/** A link to what is known about a kind of fault. */
export function explanationCommand(rule: string): string {
  return `command:backstep.explainFinding?${encodeURIComponent(JSON.stringify([rule]))}`;
}

/** Shows what is known about a kind of fault: how it is recognised, why it is one, and what to do. */
export async function explain(extensionUri: vscode.Uri, rule: string): Promise<void> {
  await vscode.commands.executeCommand("markdown.showPreview", page(extensionUri).with({ fragment: rule }));
}
