import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import { isSameText } from "../findings/same-text.ts";
import type { Problems } from "./problems.ts";
import { rangeOf } from "./site-range.ts";

/** Offers at a `backward` that returns a wrong gradient to write the right one, where the edit is certain. */
export class GradientFixes implements vscode.CodeActionProvider {
  static readonly kinds = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };
  readonly #problems: Problems;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  provideCodeActions(document: vscode.TextDocument, range: vscode.Range): vscode.CodeAction[] {
    return this.#problems.fixable(document, range).flatMap(({ diagnostic, edit, moved }) => {
      const { start, end } = rangeOf(edit.site);
      const place = new vscode.Range(start.translate(moved), end.translate(moved));
      if (!isSameText(document.getText(place), edit.replaces)) return [];
      const action = new vscode.CodeAction(t`Return ${edit.text}`, vscode.CodeActionKind.QuickFix);
      action.edit = new vscode.WorkspaceEdit();
      action.edit.replace(document.uri, place, edit.text);
      action.diagnostics = [diagnostic];
      action.isPreferred = true;
      return [action];
    });
  }
}
