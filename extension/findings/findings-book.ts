import * as vscode from "vscode";
import { findingKey, type Finding } from "../../engine/protocol/finding.ts";
import { onFilesDeleted } from "../editor/deleted-files.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import type { SessionRegistry } from "../session/session-registry.ts";
import { Signal } from "../session/signal.ts";
import { isSameText } from "./same-text.ts";

/** What the newest run of a program found. */
interface RunFindings {
  readonly session: GradientSession;
  findings: readonly Finding[];
  /** Files that the findings argue from, as they were when they ran; null where that is not known. */
  texts: ReadonlyMap<string, string | null>;
  /** Files that were edited since the run began. */
  readonly touched: Set<string>;
  /** Whether the files are still what ran. */
  fresh: boolean;
}

/**
 * What is wrong with the training of each program, from its newest run. It counts as long as the editor shows the text
 * that ran: an edit lets it go, and undoing the edit brings it back. It outlives its session.
 */
export class FindingsBook implements vscode.Disposable {
  /** The findings of a program are others now. */
  readonly changed = new Signal<string>();
  readonly #runs = new Map<string, RunFindings>();
  readonly #subscriptions: vscode.Disposable[];

  constructor(registry: SessionRegistry) {
    this.#subscriptions = [
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.#edited(document);
      }),
      onFilesDeleted((isGone) => this.#forget((file) => isGone(vscode.Uri.file(file)))),
    ];
    const started = registry.started.listen(({ gradients }) => this.#started(gradients));
    this.#subscriptions.push(new vscode.Disposable(() => started.dispose()));
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** Findings of the newest run of a program; none once its text was edited. */
  of(program: string): readonly Finding[] {
    const run = this.#runs.get(program);
    return run?.fresh === true ? run.findings : [];
  }

  /** The finding of a key; null once it is gone. */
  find(program: string, key: string): Finding | null {
    return this.of(program).find((finding) => findingKey(finding) === key) ?? null;
  }

  /** The session of a program's newest run, which may have ended. */
  sessionOf(program: string): GradientSession | null {
    return this.#runs.get(program)?.session ?? null;
  }

  /** Programs that something was found in, with the session that ran them. */
  get all(): readonly { readonly session: GradientSession; readonly findings: readonly Finding[] }[] {
    return [...this.#runs.values()].filter(({ fresh }) => fresh);
  }

  /** Findings about lines of a file, whichever program ran them. */
  inFile(file: string): readonly { readonly session: GradientSession; readonly finding: Finding }[] {
    return this.all.flatMap(({ session, findings }) =>
      findings.filter(({ site }) => site?.file === file).map((finding) => ({ session, finding })),
    );
  }

  #started(session: GradientSession): void {
    const run: RunFindings = { session, findings: [], texts: new Map(), touched: new Set(), fresh: true };
    this.#runs.set(session.program, run);
    session.findingsChanged.listen((findings) => void this.#found(run, findings));
    this.changed.fire(session.program);
  }

  async #found(run: RunFindings, findings: readonly Finding[]): Promise<void> {
    const { session } = run;
    const files = new Set([
      session.program,
      ...findings.flatMap(({ site, related }) =>
        [site, ...related.map((one) => one.site)].flatMap((one) => one?.file ?? []),
      ),
    ]);
    const texts = await Promise.all(
      [...files].map(async (file) => [file, await session.engine.sourceText(file).catch(() => null)] as const),
    );
    // Meanwhile the program may have been started anew.
    if (this.#runs.get(session.program) !== run) return;
    run.findings = findings;
    run.texts = new Map(texts);
    run.fresh = this.#isFresh(run);
    this.changed.fire(session.program);
  }

  #edited(document: vscode.TextDocument): void {
    const { fsPath } = document.uri;
    for (const run of this.#runs.values()) {
      run.touched.add(fsPath);
      if (!run.texts.has(fsPath)) continue;
      const was = run.fresh;
      run.fresh = this.#isFresh(run);
      if (was !== run.fresh) this.changed.fire(run.session.program);
    }
  }

  #isFresh({ texts, touched }: RunFindings): boolean {
    return [...texts].every(([file, ran]) => {
      if (!touched.has(file)) return true;
      const document = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === "file" && uri.fsPath === file);
      return document === undefined || (ran !== null && isSameText(ran, document.getText()));
    });
  }

  #forget(isGone: (program: string) => boolean): void {
    for (const [program, run] of this.#runs) {
      if (![...run.texts.keys()].some(isGone)) continue;
      this.#runs.delete(program);
      this.changed.fire(program);
    }
  }
}
