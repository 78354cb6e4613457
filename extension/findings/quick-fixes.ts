import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import { findingKey, type Finding } from "../../engine/protocol/finding.ts";
import { firstLineOf } from "../editor/first-line.ts";
import { editOf } from "./finding-actions.ts";
import { FINDING_SOURCE } from "./finding-problems.ts";
import type { FindingsBook } from "./findings-book.ts";

/** Offers at the line of a finding to edit the file, where the edit is obvious, and to try that first. */
export class QuickFixes implements vscode.CodeActionProvider {
  static readonly kinds = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };
  readonly #book: FindingsBook;

  constructor(book: FindingsBook) {
    this.#book = book;
  }

  provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    { diagnostics }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    return this.#book
      .inFile(document.uri.fsPath)
      .filter(({ finding: { site } }) => site && firstLineOf(site).intersection(range) !== undefined)
      .flatMap(({ session, finding }) => {
        const own = diagnostics.filter((one) => one.source === FINDING_SOURCE && one.message === finding.text);
        return actionsFor(session.program, finding).map((action) => {
          action.diagnostics = own;
          return action;
        });
      });
  }
}

function actionsFor(program: string, finding: Finding): vscode.CodeAction[] {
  const { fix, rule } = finding;
  const args = [program, findingKey(finding)];
  const explain = command(t("Why is this a fault?"), "explainFinding", [rule]);
  if (!fix || fix.edits.length === 0) return [explain];
  const apply = new vscode.CodeAction(withoutStop(fix.text), vscode.CodeActionKind.QuickFix);
  apply.edit = editOf(finding);
  apply.isPreferred = true;
  return [apply, command(t`Try without editing: ${withoutStop(fix.text)}`, "tryFix", args), explain];
}

function command(title: string, name: string, args: readonly unknown[]): vscode.CodeAction {
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.command = { title, command: `backstep.${name}`, arguments: [...args] };
  return action;
}

function withoutStop(text: string): string {
  return text.replace(/\.$/u, "");
}
