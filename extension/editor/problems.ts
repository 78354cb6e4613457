import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { CheckRow, GradientEdit, GradientFix } from "../../engine/protocol/check.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import type { Site } from "../../engine/protocol/site.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import type { RecordedSources } from "../recordings/recorded-sources.ts";
import type { SessionRegistry } from "../session/session-registry.ts";
import { failureText } from "../text/failure-text.ts";
import { plainText } from "../text/surface-text.ts";
import { verdictText } from "../text/verdict-text.ts";
import { onFilesDeleted } from "./deleted-files.ts";
import { firstLineOf } from "./first-line.ts";
import { rangeOf } from "./site-range.ts";

const SOURCE = "Backstep";

export interface FixableProblem {
  readonly diagnostic: vscode.Diagnostic;
  readonly edit: GradientEdit;
  /** By how many lines its text has moved since it ran. */
  readonly moved: number;
}

interface Problem {
  readonly program: string;
  readonly uri: vscode.Uri;
  readonly diagnostic: vscode.Diagnostic;
  /** What to write in a Function's `backward`, at whose first line the diagnostic was. */
  fix?: { readonly edit: GradientEdit; readonly line: number };
  /** Lines behind the first that it is about as well. */
  readonly more: number;
}

/**
 * Entries of the Problems view: what kept a file from running, and gradients that finite differences prove wrong. They
 * last until the file is run again, or until their text is changed or their file deleted.
 */
export class Problems implements vscode.Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection("backstep");
  readonly #subscriptions: { dispose(): void }[];
  #problems: Problem[] = [];

  readonly #sources: RecordedSources;

  constructor(registry: SessionRegistry, sources: RecordedSources) {
    this.#sources = sources;
    this.#subscriptions = [
      registry.started.listen(({ gradients }) => {
        this.#remove((problem) => problem.program === gradients.program);
        gradients.verdictsChanged.listen((pass) => void this.#verdicts(gradients, gradients.verdicts(pass)));
        gradients.warned.listen((failure) => this.#warn(gradients.program, failure));
      }),
      registry.ended.listen(({ gradients }) => {
        // What a recording says is of the text inside it.
        if (gradients.isRecording) this.#remove((problem) => problem.program === gradients.program);
      }),
      vscode.workspace.onDidChangeTextDocument((event) => this.#edited(event)),
      onFilesDeleted((isGone) => this.#remove(({ uri }) => isGone(uri))),
    ];
  }

  report(program: string, failure: Failure): void {
    const severity =
      failure.kind === "no-backward" ? vscode.DiagnosticSeverity.Warning : vscode.DiagnosticSeverity.Error;
    this.#addFailure(program, failure, severity);
  }

  /** Wrong gradients in a part of a file whose right expression is known. */
  fixable(document: vscode.TextDocument, range: vscode.Range): readonly FixableProblem[] {
    return this.#problems.flatMap(({ uri, diagnostic, fix }) =>
      fix && isSame(uri, document.uri) && diagnostic.range.intersection(range)
        ? [{ diagnostic, edit: fix.edit, moved: diagnostic.range.start.line - fix.line }]
        : [],
    );
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#collection.dispose();
  }

  #warn(program: string, failure: Failure): void {
    this.#addFailure(program, failure, vscode.DiagnosticSeverity.Warning);
  }

  #addFailure(program: string, failure: Failure, severity: vscode.DiagnosticSeverity): void {
    const file = failure.site?.file ?? program;
    const range = failure.site ? rangeOf(failure.site) : new vscode.Range(0, 0, 0, 0);
    const diagnostic = new vscode.Diagnostic(range, plainText(failureText(failure)), severity);
    diagnostic.code = failure.kind;
    if (failure.related) diagnostic.relatedInformation = failure.related.map((one) => related(one.message, one.site));
    this.#add(program, vscode.Uri.file(file), diagnostic);
  }

  async #verdicts(session: GradientSession, rows: readonly CheckRow[]): Promise<void> {
    for (const row of rows) {
      // A wrong op makes wrong parameters: the op is what there is to correct.
      if (row.verdict !== "fail" || row.scope !== "op") continue;
      const site = row.cause?.backward ?? row.site;
      if (!site) continue;
      const diagnostic = new vscode.Diagnostic(
        firstLineOf(site),
        plainText(`${row.name}: ${verdictText(row)}`),
        vscode.DiagnosticSeverity.Error,
      );
      diagnostic.code = row.cause?.kind ?? "wrong-gradient";
      if (row.site && row.site !== site) diagnostic.relatedInformation = [related(t("called here"), row.site)];
      const uri = await this.#sources.placeOf(session, site.file);
      if (!session.alive) return;
      const problem = this.#add(session.program, uri, diagnostic, site.endLine - site.line);
      if (problem) void this.#askForEdit(session, row, problem);
    }
  }

  /** What is wrong is shown at once; what to write may take the engine a moment, and is there when somebody asks. */
  async #askForEdit(session: GradientSession, row: CheckRow, problem: Problem): Promise<void> {
    const backward = row.cause?.backward;
    const fix = fixOf(row);
    if (!backward || !fix) return;
    const edit = await session.engine.gradientEdit(backward, fix).catch(() => null);
    if (edit) problem.fix = { edit, line: rangeOf(backward).start.line };
  }

  /** @returns null where it is known already */
  #add(program: string, uri: vscode.Uri, diagnostic: vscode.Diagnostic, more = 0): Problem | null {
    diagnostic.source = SOURCE;
    const known = this.#problems.some(
      (one) =>
        isSame(one.uri, uri) &&
        one.diagnostic.range.isEqual(diagnostic.range) &&
        one.diagnostic.message === diagnostic.message,
    );
    if (known) return null;
    const problem: Problem = { program, uri, diagnostic, more };
    this.#problems.push(problem);
    this.#show(uri);
    return problem;
  }

  #remove(which: (problem: Problem) => boolean): void {
    const removed = this.#problems.filter(which);
    this.#problems = this.#problems.filter((problem) => !which(problem));
    for (const { uri } of removed) this.#show(uri);
  }

  /** A problem whose own lines are edited may be solved: it goes. The others keep to their text. */
  #edited(event: vscode.TextDocumentChangeEvent): void {
    const edited = event.document.uri;
    if (!this.#problems.some((one) => isSame(one.uri, edited))) return;
    for (const change of event.contentChanges) {
      const { start, end } = change.range;
      this.#problems = this.#problems.filter(({ uri, diagnostic: { range }, more }) => {
        // A line that is inserted before or after is no edit of this one.
        const inserted = start.isEqual(end) && start.character === 0 && change.text.endsWith("\n");
        const first = range.start.line + (inserted ? 1 : 0);
        const touches = first <= end.line && range.end.line + more >= start.line;
        return !isSame(uri, edited) || !touches;
      });
      const lines = change.text.split("\n").length - 1 - (end.line - start.line);
      for (const { uri, diagnostic } of this.#problems) {
        if (!isSame(uri, edited) || diagnostic.range.start.line < end.line || lines === 0) continue;
        diagnostic.range = new vscode.Range(
          diagnostic.range.start.translate(lines),
          diagnostic.range.end.translate(lines),
        );
      }
    }
    this.#show(edited);
  }

  #show(uri: vscode.Uri): void {
    const diagnostics = this.#problems.filter((one) => isSame(one.uri, uri)).map((one) => one.diagnostic);
    this.#collection.set(uri, diagnostics);
  }
}

/** A source inside a recording has the path of the file that it was read from. */
function isSame(a: vscode.Uri, b: vscode.Uri): boolean {
  return a.fsPath === b.fsPath && a.scheme === b.scheme;
}

function related(message: string, site: Site): vscode.DiagnosticRelatedInformation {
  return new vscode.DiagnosticRelatedInformation(
    new vscode.Location(vscode.Uri.file(site.file), rangeOf(site)),
    message,
  );
}

/** What to do about a gradient that a Function returned, where the cause says it and the input has a name. */
function fixOf({ cause, input, inputName }: CheckRow): GradientFix | null {
  const { fix } = cause ?? {};
  if (!fix || (fix.kind !== "append" && fix.kind !== "write")) return null;
  if (input !== null && inputName === undefined) return null;
  return { kind: fix.kind, code: fix.code, input: inputName ?? null };
}
