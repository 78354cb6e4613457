import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { CheckPayload } from "../check/check-job.ts";
import type { Traced } from "../check/causes/examined-op.ts";
import type { CheckTask } from "../check/check-task.ts";
import type { EvaluationReply, EvaluationRequest } from "../check/replay/start-replay.ts";
import { joinRows } from "../check/verdict/check-row.ts";
import type { WhatIfPayload, WhatIfProgress } from "../check/replay/what-if-job.ts";
import type { CheckMode, CheckRow, CheckSummary } from "../protocol/check.ts";
import type { EngineEvents } from "../protocol/engine.ts";
import type { Failure } from "../protocol/failure.ts";
import { NodeKind } from "../protocol/graph.ts";
import type { JobId, NodeId, PassId } from "../protocol/ids.ts";
import type { Edit, WhatIf } from "../protocol/what-if.ts";
import { elementCount } from "../core/shape.ts";
import type { Pool } from "../threads/pool.ts";
import type { ReadablePass } from "../reading/readable-pass.ts";
import type { ExplainPayload } from "../recorders/pytorch/explain-job.ts";
import { output } from "../ops/output-of.ts";
import { opNameOf } from "../recording/node-names.ts";
import { Verdicts } from "../recording/verdicts.ts";
import type { FunctionEvaluation, FunctionResult } from "../check/replay/function-evaluator.ts";
import type { InspectedRun } from "./inspected-run.ts";
import { requestFailure } from "./request-failure.ts";

/** Rows reported at most this often, so that a fast check does not flood its readers. */
const REPORT_MILLISECONDS = 50;

/** Gradients of up to so many elements are compared in full when somebody asks for one alone. */
const MOST_IN_FULL = 256;

/** Modes in which no gradient of a parameter is compared. */
const OPS_ALONE: ReadonlySet<CheckMode> = new Set<CheckMode>(["local", "other-inputs", "second-order"]);

/** A parameter whose check is of so much work, in elements computed, is divided among the threads. */
const WORTH_PARTS = 2e7;

const CANCELLED = "running the pass again was cancelled";

/** Runs custom Functions of a recorded pass again, which only the thread that made them can. */
export interface FunctionRunner {
  /** @param asker a number for each that asks, one thing after the other. */
  evaluate(
    pass: PassId,
    row: NodeId,
    evaluations: readonly FunctionEvaluation[],
    asker: number,
  ): Promise<readonly FunctionResult[]>;
}

/** Runs comparisons with finite differences on the pool's threads; the run keeps what they find. */
export class CheckRunner {
  readonly #pool: Pool;
  readonly #events: EngineEvents;
  readonly #run: InspectedRun;
  readonly #functions: FunctionRunner | null;
  readonly #jobs = new Map<JobId, AbortController>();

  /** @param functions null where nobody is left to run custom Functions */
  constructor(pool: Pool, run: InspectedRun, functions: FunctionRunner | null, events: EngineEvents) {
    this.#pool = pool;
    this.#run = run;
    this.#functions = functions;
    this.#events = events;
  }

  /** Checks every op and every parameter of a pass. Cancelling keeps what has been decided. */
  async run(
    job: JobId,
    reader: ReadablePass,
    mode: CheckMode,
  ): Promise<{ rows: readonly CheckRow[]; summary: CheckSummary }> {
    const cancel = this.begin(job);
    const found = new Verdicts();
    const known = this.#run.verdictsOf(reader.id);
    const before = new Verdicts(known.rows);
    // The largest first, so that at the end no thread waits long for another.
    const workOf = workOfTasks(reader, mode);
    const tasks = tasksOf(reader, mode, this.#pool.threads, workOf).sort((a, b) => workOf(b) - workOf(a));
    const next = startOfTasks();
    let unreported: CheckRow[] = [];
    // Not the check rows: of a parameter in parts there is one.
    let done = 0;
    const report = (): void => {
      this.#events.checkProgress(job, reader.id, done, tasks.length, unreported);
      unreported = [];
    };
    const timer = setInterval(() => unreported.length > 0 && report(), REPORT_MILLISECONDS);
    report();
    try {
      await Promise.all(
        Array.from({ length: Math.min(this.#pool.threads, tasks.length) }, () =>
          this.#runTasks({ tasks, next, mode }, reader, cancel.signal, (row) => {
            const part = found.like(row);
            const isSettled = part !== null && part === before.like(row);
            const whole = isSettled ? part : this.#orDecided(part ? joinRows(part, row) : row, before, mode);
            found.learn([whole]);
            known.learn([whole]);
            unreported.push(whole);
            done++;
          }),
        ),
      );
    } catch (error) {
      if (!cancel.signal.aborted) throw error;
    } finally {
      clearInterval(timer);
      this.#jobs.delete(job);
    }
    report();
    return { rows: found.rows, summary: summarise(reader.id, found, cancel.signal.aborted) };
  }

  /** Checks the gradient of one node; what is known of the others stays. */
  async runGradient(job: JobId, reader: ReadablePass, node: NodeId): Promise<CheckRow> {
    const cancel = this.begin(job);
    const isSmall = elementCount(reader.shape(node)) <= MOST_IN_FULL;
    const task: CheckTask = { kind: reader.isOp(node) ? "result" : "parameter", row: node, part: [0, 1] };
    const found: CheckRow[] = [];
    try {
      const mode = isSmall ? ("full" as const) : ("sampled" as const);
      await this.#runTasks({ tasks: [task], next: startOfTasks(), mode }, reader, cancel.signal, (row) =>
        found.push(row),
      );
    } finally {
      this.#jobs.delete(job);
    }
    const [computed] = found;
    if (!computed) throw new Error("the comparison was cancelled");
    const known = this.#run.verdictsOf(reader.id);
    const row = this.#orDecided(computed, known, "sampled");
    known.learn([row]);
    this.#events.checkProgress(job, reader.id, 1, 1, [row]);
    return row;
  }

  /** The pass as it would be with some elements changed. @throws a Failure when it was cancelled */
  async whatIf(job: JobId, reader: ReadablePass, edits: readonly Edit[]): Promise<WhatIf> {
    const cancel = this.begin(job);
    const { functions, close } = serveFunctions(reader.id, this.#functions);
    const release = this.#run.source.hold(reader.id);
    try {
      const payload: WhatIfPayload = { pass: await this.#run.source.share(reader.id), edits, functions };
      const answer = await this.#pool.runJob("what-if", payload, {
        signal: cancel.signal,
        transfer: [functions],
        onProgress: (data) => {
          const { done, total } = data as WhatIfProgress;
          this.#events.checkProgress(job, reader.id, done, total, []);
        },
      });
      if (answer === null) throw requestFailure(CANCELLED);
      return answer as WhatIf;
    } catch (error) {
      throw cancel.signal.aborted ? requestFailure(CANCELLED) : error;
    } finally {
      this.#jobs.delete(job);
      release();
      close();
    }
  }

  /** What the forward of a script's Function says of its wrong backward. */
  async explain(work: ExplainPayload): Promise<Traced | null> {
    return (await this.#pool.runJob("explain", work)) as Traced | null;
  }

  /**
   * A row, or what is known of the same thing where this one is open for want of the program: what a comparison decided
   * while the program was there holds for the same numbers. What is right there need not be on other inputs.
   */
  #orDecided(row: CheckRow, known: Verdicts, mode: CheckMode): CheckRow {
    if (this.#functions !== null || row.verdict !== "inconclusive") return row;
    const before = known.like(row);
    const holds = before?.verdict === "fail" || (before?.verdict === "pass" && mode !== "other-inputs");
    return holds ? before : row;
  }

  /** From here on a job can be cancelled, though what it needs is still on its way. */
  begin(job: JobId): AbortController {
    const known = this.#jobs.get(job);
    if (known) return known;
    const cancel = new AbortController();
    this.#jobs.set(job, cancel);
    return cancel;
  }

  end(job: JobId): void {
    this.#jobs.delete(job);
  }

  cancel(job: JobId): void {
    this.#jobs.get(job)?.abort();
  }

  dispose(): void {
    for (const job of this.#jobs.values()) job.abort();
  }

  async #runTasks(
    work: Pick<CheckPayload, "tasks" | "next" | "mode">,
    reader: ReadablePass,
    signal: AbortSignal,
    onRow: (row: CheckRow) => void,
  ): Promise<void> {
    const { functions, close } = serveFunctions(reader.id, this.#functions);
    const release = this.#run.source.hold(reader.id);
    try {
      const payload: CheckPayload = { pass: await this.#run.source.share(reader.id), functions, ...work };
      await this.#pool.runJob("check", payload, {
        signal,
        transfer: [functions],
        onProgress: (row) => onRow(row as CheckRow),
      });
    } finally {
      release();
      close();
    }
  }
}

/** How many have asked: each has a number of its own. */
let askers = 0;

/** Answers a job's requests to run custom Functions. */
function serveFunctions(pass: PassId, runner: FunctionRunner | null): { functions: MessagePort; close: () => void } {
  const { port1, port2 } = new MessageChannel();
  const asker = ++askers;
  port1.on("message", (request: EvaluationRequest) => {
    const answer = runner
      ? runner.evaluate(pass, request.row, request.evaluations, asker)
      : Promise.reject(requestFailure("its program is gone"));
    answer.then(
      (results) => port1.postMessage({ results } satisfies EvaluationReply),
      (failure: unknown) => port1.postMessage({ failure: failure as Failure } satisfies EvaluationReply),
    );
  });
  return { functions: port2, close: () => port1.close() };
}

/** Where the threads of a check begin to take tasks. */
function startOfTasks(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** Every op whose product ran, and every parameter that the pass reached: in parts where it takes long. */
function tasksOf(
  reader: ReadablePass,
  mode: CheckMode,
  threads: number,
  workOf: (task: CheckTask) => number,
): CheckTask[] {
  const tasks: CheckTask[] = [];
  for (const row of reader.schedule.forwardOrder) {
    if (reader.schedule.stepOf(row) >= 0 && reader.op(row) !== output)
      tasks.push({ kind: "op", row: row as NodeId, part: [0, 1] });
  }
  if (OPS_ALONE.has(mode)) return tasks;
  for (const row of differentiatedAgain(reader)) tasks.push({ kind: "op", row, order: 2, part: [0, 1] });
  for (let row = 0; row < reader.rows; row++) {
    if (reader.isOp(row) || !reader.requiresGrad(row) || reader.schedule.completeAt[row]! < 0) continue;
    const whole: CheckTask = { kind: "parameter", row: row as NodeId, part: [0, 1] };
    const parts = mode === "full" && workOf(whole) > WORTH_PARTS ? threads : 1;
    for (let part = 0; part < parts; part++) tasks.push({ ...whole, part: [part, parts] });
  }
  return tasks;
}

/**
 * Functions of the pass that cut something off from gradients of theirs that the pass differentiates again: what is
 * missing there shows in no comparison of the pass, only in that of the backward itself.
 */
function differentiatedAgain(reader: ReadablePass): NodeId[] {
  const names = new Set(
    reader.cuts.flatMap(({ kind, by }) => (kind === "forward" || kind === "backward" ? (by ?? []) : [])),
  );
  if (names.size === 0) return [];
  const isOne = (row: number): boolean =>
    reader.nodeKind(row) === NodeKind.function && names.has(opNameOf(reader, row));
  return [...reader.schedule.forwardOrder].filter(isOne) as NodeId[];
}

/**
 * In elements: an op's are its operands and its result; for each element of a parameter that is moved, all that may
 * follow it is computed again. A sample takes as long for a large parameter as for a small one.
 */
function workOfTasks(reader: ReadablePass, mode: CheckMode): (task: CheckTask) => number {
  const count = (row: number): number => elementCount(reader.shape(row));
  const ofPass = Array.from({ length: reader.rows }, (_, row) => count(row)).reduce(
    (sum, elements) => sum + elements,
    0,
  );
  return ({ kind, row, part: [, parts] }) =>
    kind === "op"
      ? reader.inputs(row).reduce((sum, input) => sum + count(input), count(row))
      : ((mode === "full" ? count(row) : 1) * ofPass) / parts;
}

function summarise(pass: PassId, found: Verdicts, cancelled: boolean): CheckSummary {
  const { pass: passed, fail, inconclusive } = found.tally();
  return { pass, passed, failed: fail, inconclusive, cancelled };
}
