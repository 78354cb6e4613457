import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { Problems } from "./problems.ts";
import { fixedReturn } from "./returned-gradient.ts";

/** Offers at a `backward` that returns a wrong gradient to write the right one, where the edit is certain. */
export class GradientFixes implements vscode.CodeActionProvider {
  static readonly kinds = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };
  readonly #problems: Problems;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  provideCodeActions(document: vscode.TextDocument, range: vscode.Range): vscode.CodeAction[] {
    return this.#problems.fixable(document, range).flatMap(({ diagnostic, fix }) => {
      const change = fixedReturn(document.getText(), document.offsetAt(diagnostic.range.start), fix);
      if (change === null) return [];
      const action = new vscode.CodeAction(t`Return ${change.text}`, vscode.CodeActionKind.QuickFix);
      action.edit = new vscode.WorkspaceEdit();
      const place = new vscode.Range(document.positionAt(change.start), document.positionAt(change.end));
      action.edit.replace(document.uri, place, change.text);
      action.diagnostics = [diagnostic];
      action.isPreferred = true;
      return [action];
    });
  }
}
