import { t } from "../../engine/language/translate.ts";
import type { LaunchRequest } from "../../engine/protocol/engine.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import {
  findingKey,
  type Finding,
  type FixTrial,
  type LossCourse,
  type TrialEnd,
} from "../../engine/protocol/finding.ts";
import type { Site } from "../../engine/protocol/site.ts";
import { EngineProcess } from "../../engine/client/engine-process.ts";
import { WITHOUT_EDITOR } from "../session/editor-variables.ts";
import { GradientSession } from "../session/gradient-session.ts";
import { Signal } from "../session/signal.ts";
import { failureOf } from "../text/failure-text.ts";
import { courseOf } from "./course-of.ts";
import { uneditedPlace } from "./unedited-place.ts";

/** What is tried: a program as it was launched, and the texts that it would have. */
export interface TrialRequest {
  readonly program: string;
  readonly finding: Finding;
  readonly launch: LaunchRequest;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | null>>;
  /** Texts of files with the fix. */
  readonly texts: NonNullable<LaunchRequest["texts"]>;
  /** The run without it, where that has come to its end already. */
  readonly without: LossCourse | null;
}

/** When a run that does not come to its end is ended. */
export interface TrialLimits {
  /** After so many times as many passes as the other run had, */
  readonly timesPasses: number;
  /** or when no pass has ended for so many times as long as in the other run, */
  readonly timesWait: number;
  /** and for so many milliseconds at least: a machine may be busy with something else. */
  readonly leastWait: number;
  /** The same where nothing is known of the other run: data sets are fetched and read before the first pass. */
  readonly unknownWait: number;
}

const LIMITS: TrialLimits = { timesPasses: 3, timesWait: 10, leastWait: 60_000, unknownWait: 600_000 };

/** How one of the two runs came to its end. */
type RunEnd =
  | { readonly kind: "whole" }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "ended"; readonly by: EndedBy; readonly site: Site | null };

type EndedBy = Extract<TrialEnd, { kind: "ended" }>["by"];

interface Ran {
  readonly course: LossCourse;
  readonly findings: readonly Finding[];
  readonly end: RunEnd;
}

/** A trial that is under way. */
interface Underway {
  /** Ends the run whose turn it is, and with it the trial; what there is by then is shown. */
  stop(): void;
  /** Ends it without a word. */
  cancel(): Promise<void>;
}

const NO_LOSS: LossCourse = { passes: 0, losses: [], notFiniteFrom: null, site: null, longestWait: 0 };

/** Runs programs again with a fix in memory, each in an engine of its own that nothing else sees. Only one at a time. */
export class FixTrials {
  readonly changed = new Signal<{ readonly program: string; readonly trial: FixTrial | null }>();
  readonly #script: string;
  readonly #language: string;
  readonly #log: (text: string) => void;
  readonly #limits: TrialLimits;
  #underway: Underway | null = null;

  constructor(script: string, language: string, log: (text: string) => void, limits = LIMITS) {
    this.#script = script;
    this.#language = language;
    this.#log = log;
    this.#limits = limits;
  }

  dispose(): void {
    void this.#underway?.cancel();
  }

  /** Ends the trial that is under way; what it has come to is shown. */
  stop(): void {
    this.#underway?.stop();
  }

  /** Settles when the trial has come to its end, whatever that is. */
  async run(request: TrialRequest): Promise<void> {
    await this.#underway?.cancel();
    const { program, finding } = request;
    const key = findingKey(finding);
    const state = { isCancelled: false };
    let run: TrialRun | null = null;
    const underway: Underway = {
      stop: () => run?.end("person"),
      cancel: async () => {
        state.isCancelled = true;
        await run?.stop();
      },
    };
    this.#underway = underway;
    const tell = (trial: FixTrial | null): void => this.changed.fire({ program, trial });
    const part = async (
      name: "without" | "with",
      texts: TrialRequest["texts"],
      other: LossCourse | null,
    ): Promise<Ran> => {
      tell({ key, kind: "running", part: name, passes: 0 });
      run = new TrialRun(this.#start(request), this.#limits, other, (passes) =>
        tell({ key, kind: "running", part: name, passes }),
      );
      try {
        return await run.toEnd({ ...request.launch, log: true, texts });
      } finally {
        await run.stop();
        run = null;
      }
    };
    try {
      const after = await part("with", request.texts, request.without);
      // Whoever has ended the one run waits for no other.
      const isOver = after.end.kind === "ended" && after.end.by === "person";
      const without = request.without ?? (isOver ? NO_LOSS : (await part("without", [], after.course)).course);
      const { site } = after.course;
      const course = { ...after.course, site: site && uneditedPlace(site, finding.fix?.edits ?? []) };
      tell({ key, kind: "done", without, with: course, end: endOf(after, finding) });
    } catch (error) {
      tell(state.isCancelled ? null : { key, kind: "failed", failure: failureOf(error) });
    } finally {
      if (this.#underway === underway) this.#underway = null;
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

function endOf({ end, findings }: Ran, { rule, fix }: Finding): TrialEnd {
  const place = (site: Site | null): Site | null => site && uneditedPlace(site, fix?.edits ?? []);
  if (end.kind === "failed") return { ...end, failure: { ...end.failure, site: place(end.failure.site) } };
  if (end.kind === "ended") return { ...end, site: place(end.site) };
  return {
    kind: "whole",
    gone: !findings.some((one) => one.rule === rule),
    left: findings.filter((one) => one.rule !== rule),
  };
}

/** One of the two runs of a trial. */
class TrialRun {
  readonly #session: GradientSession;
  readonly #limits: TrialLimits;
  readonly #other: LossCourse | null;
  readonly #progress: (passes: number) => void;
  #findings: readonly Finding[] = [];
  #passes = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Who has ended it, where somebody has. */
  #endedBy: EndedBy | null = null;

  /** @param other the other run of the trial, where it is known already */
  constructor(
    session: GradientSession,
    limits: TrialLimits,
    other: LossCourse | null,
    progress: (passes: number) => void,
  ) {
    this.#session = session;
    this.#limits = limits;
    this.#other = other;
    this.#progress = progress;
  }

  /** @throws Failure when it cannot be launched, or its engine ends */
  async toEnd(launch: LaunchRequest): Promise<Ran> {
    const session = this.#session;
    session.findingsChanged.listen((found) => (this.#findings = found));
    const ended = new Promise<Failure | undefined>((resolve, reject) => {
      session.stateChanged.listen((state) => {
        if (state.kind === "running") this.#ran(state.passes);
        else if (state.kind === "ended") resolve(state.failure);
      });
      session.ended.listen((failure) => {
        const cancelled = { kind: "request", message: t("The trial was cancelled."), site: null } as const;
        reject(failure ?? cancelled);
      });
    });
    this.#waitForPass();
    try {
      const [, failure] = await Promise.all([session.launch(launch), ended]);
      const course = (await courseOf(session.engine)) ?? NO_LOSS;
      return { course, findings: this.#findings, end: this.#endFor(failure) };
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** Ends it where it is. */
  end(by: EndedBy): void {
    if (this.#endedBy !== null) return;
    this.#endedBy = by;
    this.#session.engine.interrupt().catch(() => {
      // One that has come to its end by itself meanwhile is not ended by anybody; one that has not begun goes.
      this.#endedBy = null;
      if (this.#session.state.kind !== "ended") void this.stop();
    });
  }

  /** Nothing of it is left when this settles. */
  stop(): Promise<void> {
    clearTimeout(this.#timer);
    return this.#session.stop();
  }

  #ran(passes: number): void {
    this.#progress(passes);
    if (passes === this.#passes) return;
    this.#passes = passes;
    this.#waitForPass();
    const others = this.#other?.passes ?? 0;
    if (others > 0 && passes > this.#limits.timesPasses * others) this.end("passes");
  }

  #waitForPass(): void {
    clearTimeout(this.#timer);
    const { timesWait, leastWait, unknownWait } = this.#limits;
    const longest = this.#other === null ? unknownWait : Math.max(leastWait, timesWait * this.#other.longestWait);
    this.#timer = setTimeout(() => this.end("silence"), longest);
  }

  #endFor(failure: Failure | undefined): RunEnd {
    if (this.#endedBy !== null) return { kind: "ended", by: this.#endedBy, site: failure?.site ?? null };
    return failure && failure.kind !== "no-backward" ? { kind: "failed", failure } : { kind: "whole" };
  }
}
