import { t } from "../../engine/language/translate.ts";
import type { LaunchRequest } from "../../engine/protocol/engine.ts";
import { findingKey, type Finding, type FixTrial } from "../../engine/protocol/finding.ts";
import { EngineProcess } from "../../engine/client/engine-process.ts";
import { WITHOUT_EDITOR } from "../session/editor-variables.ts";
import { GradientSession } from "../session/gradient-session.ts";
import { Signal } from "../session/signal.ts";
import { failureOf } from "../text/failure-text.ts";

/** What is tried: a program as it was launched, and the texts that it would have. */
export interface TrialRequest {
  readonly program: string;
  readonly finding: Finding;
  readonly launch: LaunchRequest;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | null>>;
  /** Texts of files with the fix. */
  readonly texts: NonNullable<LaunchRequest["texts"]>;
  /** Losses of the run without it, where that has come to its end already. */
  readonly without: readonly number[] | null;
}

interface Ran {
  readonly losses: readonly number[];
  readonly findings: readonly Finding[];
}

/** Runs programs again with a fix in memory, each in an engine of its own that nothing else sees. Only one at a time. */
export class FixTrials {
  readonly changed = new Signal<{ readonly program: string; readonly trial: FixTrial | null }>();
  readonly #script: string;
  readonly #language: string;
  readonly #log: (text: string) => void;
  /** Ends the trial that is under way. */
  #cancel: (() => Promise<void>) | null = null;

  constructor(script: string, language: string, log: (text: string) => void) {
    this.#script = script;
    this.#language = language;
    this.#log = log;
  }

  dispose(): void {
    void this.cancel();
  }

  async cancel(): Promise<void> {
    await this.#cancel?.();
  }

  /** Settles when the trial has come to its end, whatever that is. */
  async run(request: TrialRequest): Promise<void> {
    await this.cancel();
    const { program, finding } = request;
    const key = findingKey(finding);
    const state = { isCancelled: false };
    let session: GradientSession | null = null;
    const cancel = async (): Promise<void> => {
      state.isCancelled = true;
      await session?.stop();
    };
    this.#cancel = cancel;
    const tell = (trial: FixTrial | null): void => this.changed.fire({ program, trial });
    const part = async (name: "without" | "with", texts: TrialRequest["texts"]): Promise<Ran> => {
      tell({ key, kind: "running", part: name, passes: 0 });
      session = this.#start(request);
      try {
        return await runToEnd(session, { ...request.launch, texts }, (passes) => {
          tell({ key, kind: "running", part: name, passes });
        });
      } finally {
        await session.stop();
      }
    };
    try {
      const after = await part("with", request.texts);
      const without = request.without ?? (await part("without", [])).losses;
      const gone = !after.findings.some(({ rule }) => rule === finding.rule);
      const left = after.findings.filter(({ rule }) => rule !== finding.rule);
      tell({ key, kind: "done", without, with: after.losses, gone, left });
    } catch (error) {
      tell(state.isCancelled ? null : { key, kind: "failed", failure: failureOf(error) });
    } finally {
      if (this.#cancel === cancel) this.#cancel = null;
    }
  }

  #start({ folder, env, program }: TrialRequest): GradientSession {
    const connection = new EngineProcess({
      script: this.#script,
      language: this.#language,
      folder,
      env: { ...WITHOUT_EDITOR, ...env },
      log: this.#log,
    });
    return new GradientSession(program, connection);
  }
}

/** @throws Failure when the program fails or its engine ends */
async function runToEnd(
  session: GradientSession,
  launch: LaunchRequest,
  progress: (passes: number) => void,
): Promise<Ran> {
  let findings: readonly Finding[] = [];
  session.findingsChanged.listen((found) => (findings = found));
  const ended = new Promise<void>((resolve, reject) => {
    session.stateChanged.listen((state) => {
      if (state.kind === "running") progress(state.passes);
      else if (state.kind === "ended") {
        if (state.failure && state.failure.kind !== "no-backward") reject(state.failure);
        else resolve();
      }
    });
    session.ended.listen((failure) => {
      const cancelled = { kind: "request", message: t("The trial was cancelled."), site: null } as const;
      reject(failure ?? cancelled);
    });
  });
  await Promise.all([session.launch(launch), ended]);
  const passes = await session.passes();
  return { findings, losses: passes.flatMap(({ kind, loss }) => (kind === "backward" && loss !== null ? [loss] : [])) };
}
