import * as vscode from "vscode";
import type { Finding, Severity } from "../../engine/protocol/finding.ts";
import type { Site } from "../../engine/protocol/site.ts";
import { rangeOf } from "../editor/site-range.ts";
import { firstLineOf } from "../editor/first-line.ts";
import { explanationCommand } from "./explanation.ts";
import type { FindingsBook } from "./findings-book.ts";

/** What diagnostics of this extension are said to come from. */
export const FINDING_SOURCE = "Backstep";

const SEVERITY: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  note: vscode.DiagnosticSeverity.Information,
};

/** Entries of the Problems view for what is wrong with a training; the code of each leads to what is known about its kind. */
export class FindingProblems implements vscode.Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection("backstep findings");
  readonly #subscription: { dispose(): void };

  constructor(book: FindingsBook) {
    this.#subscription = book.changed.listen(() => this.#show(book));
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#collection.dispose();
  }

  #show(book: FindingsBook): void {
    const files = new Map<string, vscode.Diagnostic[]>();
    for (const { session, findings } of book.all) {
      for (const finding of findings) {
        const file = finding.site?.file ?? session.program;
        files.set(file, [...(files.get(file) ?? []), diagnosticOf(finding)]);
      }
    }
    this.#collection.clear();
    for (const [file, diagnostics] of files) this.#collection.set(vscode.Uri.file(file), diagnostics);
  }
}

function diagnosticOf({ rule, severity, text, site, related }: Finding): vscode.Diagnostic {
  const range = site ? firstLineOf(site) : new vscode.Range(0, 0, 0, 0);
  const diagnostic = new vscode.Diagnostic(range, text, SEVERITY[severity]);
  diagnostic.source = FINDING_SOURCE;
  diagnostic.code = { value: rule, target: vscode.Uri.parse(explanationCommand(rule)) };
  diagnostic.relatedInformation = related.map((one) => relatedTo(one.text, one.site));
  return diagnostic;
}

function relatedTo(text: string, site: Site): vscode.DiagnosticRelatedInformation {
  return new vscode.DiagnosticRelatedInformation(new vscode.Location(vscode.Uri.file(site.file), rangeOf(site)), text);
}
