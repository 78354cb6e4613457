import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { CheckPayload } from "../check/check-job.ts";
import type { CheckTask } from "../check/check-task.ts";
import type { EvaluationReply, EvaluationRequest } from "../check/replay/start-replay.ts";
import { joinRows } from "../check/verdict/check-row.ts";
import type { WhatIfPayload } from "../check/replay/what-if-job.ts";
import type { CheckMode, CheckRow, CheckSummary } from "../protocol/check.ts";
import type { EngineEvents } from "../protocol/engine.ts";
import type { Failure } from "../protocol/failure.ts";
import type { JobId, NodeId, PassId } from "../protocol/ids.ts";
import type { Edit, WhatIf } from "../protocol/what-if.ts";
import { elementCount } from "../core/shape.ts";
import type { Pool } from "../threads/pool.ts";
import type { PassReader, ReaderTables } from "../reading/pass-reader.ts";
import type { UserThread } from "./user-thread-handle.ts";

/** Rows reported at most this often, so that a fast check does not flood its readers. */
const REPORT_MILLISECONDS = 50;

/** Gradients of up to so many elements are compared in full when somebody asks for one alone. */
const MOST_IN_FULL = 256;

/** Modes in which no gradient of a parameter is compared. */
const OPS_ALONE: ReadonlySet<CheckMode> = new Set<CheckMode>(["local", "other-inputs", "second-order"]);

/** A parameter whose check is of so much work, in elements computed, is divided among the threads. */
const WORTH_PARTS = 2e7;

/** Runs comparisons with finite differences on the pool's threads, and keeps their verdicts. */
export class CheckStore {
  readonly #pool: Pool;
  readonly #events: EngineEvents;
  readonly #tables: ReaderTables;
  readonly #rows = new Map<PassId, Map<string, CheckRow>>();
  readonly #jobs = new Map<JobId, AbortController>();

  constructor(pool: Pool, tables: ReaderTables, events: EngineEvents) {
    this.#pool = pool;
    this.#tables = tables;
    this.#events = events;
  }

  /** Checks every op and every parameter of a pass. Cancelling keeps what has been decided. */
  async run(
    job: JobId,
    reader: PassReader,
    thread: UserThread | null,
    mode: CheckMode,
  ): Promise<{ rows: readonly CheckRow[]; summary: CheckSummary }> {
    const cancel = new AbortController();
    this.#jobs.set(job, cancel);
    const rows = new Map<string, CheckRow>();
    this.#rows.set(reader.id, rows);
    // The largest first, so that at the end no thread waits long for another.
    const workOf = workOfTasks(reader, mode);
    const tasks = tasksOf(reader, mode, this.#pool.threads, workOf).sort((a, b) => workOf(b) - workOf(a));
    const next = startOfTasks();
    let unreported: CheckRow[] = [];
    // Not the rows: of a parameter in parts there is one.
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
          this.#runTasks({ tasks, next, mode }, reader, thread, cancel.signal, (row) => {
            const known = rows.get(keyOf(row));
            const whole = known ? joinRows(known, row) : row;
            rows.set(keyOf(row), whole);
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
    return { rows: this.rowsOf(reader.id), summary: summarise(reader.id, rows.values(), cancel.signal.aborted) };
  }

  /** Checks the gradient of one node; what is known of the others stays. */
  async runGradient(job: JobId, reader: PassReader, thread: UserThread | null, node: NodeId): Promise<CheckRow> {
    const cancel = new AbortController();
    this.#jobs.set(job, cancel);
    const isSmall = elementCount(reader.tape.shape(node)) <= MOST_IN_FULL;
    const task: CheckTask = { kind: reader.isOp(node) ? "result" : "parameter", row: node, part: [0, 1] };
    const found: CheckRow[] = [];
    try {
      const mode = isSmall ? ("full" as const) : ("sampled" as const);
      await this.#runTasks({ tasks: [task], next: startOfTasks(), mode }, reader, thread, cancel.signal, (row) =>
        found.push(row),
      );
    } finally {
      this.#jobs.delete(job);
    }
    const [row] = found;
    if (!row) throw new Error("the comparison was cancelled");
    const rows = this.#rows.get(reader.id) ?? new Map<string, CheckRow>();
    this.#rows.set(reader.id, rows.set(keyOf(row), row));
    this.#events.checkProgress(job, reader.id, 1, 1, [row]);
    return row;
  }

  /** The pass as it would be with some elements changed. */
  async whatIf(reader: PassReader, thread: UserThread | null, edits: readonly Edit[]): Promise<WhatIf> {
    const { functions, close } = serveFunctions(reader, thread);
    const payload: WhatIfPayload = { record: reader.record, tables: this.#tables.snapshot(), edits, functions };
    try {
      return (await this.#pool.runJob("what-if", payload, { transfer: [functions] })) as WhatIf;
    } finally {
      close();
    }
  }

  cancel(job: JobId): void {
    this.#jobs.get(job)?.abort();
  }

  /** Verdicts of a pass in tape order, ops before parameters. */
  rowsOf(pass: PassId): readonly CheckRow[] {
    const rows = [...(this.#rows.get(pass)?.values() ?? [])];
    return rows.sort((a, b) => (a.scope === b.scope ? (a.node ?? 0) - (b.node ?? 0) : a.scope === "op" ? -1 : 1));
  }

  /** The op by itself before its result's gradient: that is right or wrong for whatever is behind it as well. */
  verdictOf(pass: PassId, node: NodeId): CheckRow | null {
    return this.#rows.get(pass)?.get(`op ${node}`) ?? this.gradientRowOf(pass, node);
  }

  /** Of the node's gradient in this pass. */
  gradientRowOf(pass: PassId, node: NodeId): CheckRow | null {
    const rows = this.#rows.get(pass);
    return rows?.get(`parameter ${node}`) ?? rows?.get(`result ${node}`) ?? null;
  }

  forget(pass: PassId): void {
    this.#rows.delete(pass);
  }

  dispose(): void {
    for (const job of this.#jobs.values()) job.abort();
  }

  async #runTasks(
    work: Pick<CheckPayload, "tasks" | "next" | "mode">,
    reader: PassReader,
    thread: UserThread | null,
    signal: AbortSignal,
    onRow: (row: CheckRow) => void,
  ): Promise<void> {
    const { functions, close } = serveFunctions(reader, thread);
    const payload: CheckPayload = { record: reader.record, tables: this.#tables.snapshot(), functions, ...work };
    try {
      await this.#pool.runJob("check", payload, {
        signal,
        transfer: [functions],
        onProgress: (row) => onRow(row as CheckRow),
      });
    } finally {
      close();
    }
  }
}

/** Answers a job's requests to run custom Functions, which only the user thread can. */
function serveFunctions(reader: PassReader, thread: UserThread | null): { functions: MessagePort; close: () => void } {
  const { port1, port2 } = new MessageChannel();
  port1.on("message", (request: EvaluationRequest) => {
    const answer = thread
      ? thread.evaluate(reader.id, request.row, request.evaluations)
      : Promise.reject({ kind: "request", message: "its thread ended", site: null } satisfies Failure);
    answer.then(
      (results) => port1.postMessage({ results } satisfies EvaluationReply),
      (failure: unknown) => port1.postMessage({ failure: failure as Failure } satisfies EvaluationReply),
    );
  });
  return { functions: port2, close: () => port1.close() };
}

function keyOf(row: CheckRow): string {
  return `${row.scope} ${row.node}`;
}

/** Where the threads of a check begin to take tasks. */
function startOfTasks(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** Every op whose product ran, and every parameter that the pass reached: in parts where it takes long. */
function tasksOf(
  reader: PassReader,
  mode: CheckMode,
  threads: number,
  workOf: (task: CheckTask) => number,
): CheckTask[] {
  const tasks: CheckTask[] = [];
  for (const row of reader.forwardOrder) {
    if (reader.stepOf(row) >= 0 && reader.opId(row) !== "output")
      tasks.push({ kind: "op", row: row as NodeId, part: [0, 1] });
  }
  if (OPS_ALONE.has(mode)) return tasks;
  for (let row = 0; row < reader.rows; row++) {
    if (reader.isOp(row) || !reader.tape.requiresGrad(row) || reader.completeAt[row]! < 0) continue;
    const whole: CheckTask = { kind: "parameter", row: row as NodeId, part: [0, 1] };
    const parts = mode === "full" && workOf(whole) > WORTH_PARTS ? threads : 1;
    for (let part = 0; part < parts; part++) tasks.push({ ...whole, part: [part, parts] });
  }
  return tasks;
}

/**
 * In elements: an op's are its operands and its result; for each element of a parameter that is moved, all that may
 * follow it is computed again. A sample takes as long for a large parameter as for a small one.
 */
function workOfTasks({ tape, rows }: PassReader, mode: CheckMode): (task: CheckTask) => number {
  const count = (row: number): number => elementCount(tape.shape(row));
  const ofPass = Array.from({ length: rows }, (_, row) => count(row)).reduce((sum, elements) => sum + elements, 0);
  return ({ kind, row, part: [, parts] }) =>
    kind === "op"
      ? tape.inputs(row).reduce((sum, input) => sum + count(input), count(row))
      : ((mode === "full" ? count(row) : 1) * ofPass) / parts;
}

function summarise(pass: PassId, rows: Iterable<CheckRow>, cancelled: boolean): CheckSummary {
  const counts = { pass: 0, fail: 0, inconclusive: 0 };
  for (const { verdict } of rows) counts[verdict]++;
  return { pass, passed: counts.pass, failed: counts.fail, inconclusive: counts.inconclusive, cancelled };
}
