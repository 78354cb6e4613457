import { checkForeignOp, undecidedForeign } from "../../check/foreign/check-foreign-op.ts";
import type { CheckMode, CheckRow, CheckSummary } from "../../protocol/check.ts";
import type { Checking, EngineEvents } from "../../protocol/engine.ts";
import type { Edit, WhatIf } from "../../protocol/what-if.ts";
import type { JobId, NodeId, PassId } from "../../protocol/ids.ts";
import { NodeKind } from "../../protocol/graph.ts";
import { readPass } from "../../reading/pass-source.ts";
import { pythonOp, type Explain } from "../../recorders/pytorch/python-op.ts";
import type { PassStructure } from "../../recording/pass-structure.ts";
import { Verdicts } from "../../recording/verdicts.ts";
import type { InspectedRun } from "../inspected-run.ts";
import type { PythonRun } from "./python-run.ts";

/** Why ours cannot compare an op of a script that they do not stand for. */
export const ELSEWHERE = "only its script can run it, which compares it by itself";

/** Larger passes stay where they are. */
const MOST_ELEMENTS = 2 ** 22;

/** Compares the ops of the pass that a script has stopped after, each run again by the script's own process. */
export class PythonChecks implements Checking {
  readonly #run: InspectedRun;
  readonly #program: PythonRun;
  readonly #events: EngineEvents;
  readonly #ours: Checking;
  readonly #explain: Explain;
  readonly #cancelled = new Set<JobId>();

  /**
   * @param ours compares where ops have proven themselves
   * @param explain looks for the mistake in a Function's backward, on a thread of its own
   */
  constructor(run: InspectedRun, program: PythonRun, ours: Checking, events: EngineEvents, explain: Explain) {
    this.#run = run;
    this.#program = program;
    this.#ours = ours;
    this.#events = events;
    this.#explain = explain;
  }

  async check(
    job: JobId,
    pass: PassId,
    mode: CheckMode = "sampled",
  ): Promise<{ rows: readonly CheckRow[]; summary: CheckSummary }> {
    if (mode !== "sampled" && mode !== "local") return this.#checkOurs(job, pass, mode);
    const { structure } = await this.#program.recording.pass(pass);
    const { header } = await this.#program.process.ask("check.ops", { pass });
    const ops = header["rows"] as readonly number[];
    const leaves = mode === "local" ? [] : await this.#provenLeaves(pass);
    const tasks = [
      ...ops.map((row) => () => this.#checkRow(pass, structure, row)),
      ...leaves.map((row) => () => this.#ours.checkGradient(job, pass, row)),
    ];
    const found = new Verdicts();
    const known = this.#run.verdictsOf(pass);
    this.#events.checkProgress(job, pass, 0, tasks.length, []);
    let done = 0;
    for (const task of tasks) {
      if (this.#cancelled.has(job)) break;
      const rows = [await task()];
      found.learn(rows);
      known.learn(rows);
      this.#events.checkProgress(job, pass, ++done, tasks.length, rows);
    }
    const { pass: passed, fail: failed, inconclusive } = found.tally();
    const cancelled = this.#cancelled.delete(job);
    return { rows: found.rows, summary: { pass, passed, failed, inconclusive, cancelled } };
  }

  /** As programs of the engine are compared, and each op by itself that only the script can run. */
  async #checkOurs(
    job: JobId,
    pass: PassId,
    mode: CheckMode,
  ): Promise<{ rows: readonly CheckRow[]; summary: CheckSummary }> {
    const ours = await this.#ours.check(job, pass, mode);
    if (mode !== "full" && mode !== "directional") return ours;
    const { structure } = await this.#program.recording.pass(pass);
    const found = new Verdicts();
    found.learn(ours.rows);
    for (const { scope, verdict, reason, node } of ours.rows) {
      if (scope !== "op" || verdict !== "inconclusive" || reason !== ELSEWHERE || node === null) continue;
      if (ours.summary.cancelled || this.#cancelled.has(job)) break;
      const rows = [await this.#checkRow(pass, structure, node)];
      found.learn(rows);
      this.#run.verdictsOf(pass).learn(rows);
      this.#events.checkProgress(job, pass, found.rows.length, found.rows.length, rows);
    }
    this.#cancelled.delete(job);
    const { pass: passed, fail: failed, inconclusive } = found.tally();
    return { rows: found.rows, summary: { ...ours.summary, passed, failed, inconclusive } };
  }

  checkGradient(job: JobId, pass: PassId, node: NodeId): Promise<CheckRow> {
    return this.#ours.checkGradient(job, pass, node);
  }

  whatIf(job: JobId, pass: PassId, edits: readonly Edit[]): Promise<WhatIf> {
    return this.#ours.whatIf(job, pass, edits);
  }

  async cancel(job: JobId): Promise<void> {
    this.#cancelled.add(job);
    await this.#ours.cancel(job);
  }

  /** Leaves with a gradient behind which every op has proven itself, of a pass that is soon brought here. */
  async #provenLeaves(id: PassId): Promise<readonly NodeId[]> {
    const { source } = this.#run;
    const { shapes, shapeStart, rows } = (await this.#program.recording.pass(id)).structure;
    let elements = 0;
    for (let row = 0; row < rows; row++) {
      elements += shapes.subarray(shapeStart[row], shapeStart[row + 1]).reduce((count, size) => count * size, 1);
    }
    if (elements > MOST_ELEMENTS) return [];
    return readPass(source, id, (pass) => {
      const leaves: NodeId[] = [];
      // What an op depends on cannot be followed through it.
      const unproven = new Uint8Array(pass.rows);
      for (let row = pass.rows - 1; row >= 0; row--) {
        if (!pass.isOp(row) || (unproven[row] === 0 && pass.op(row) !== undefined)) continue;
        // Its recorded value stands in for it; an op of several results has none of its own.
        if (pass.op(row) === undefined && !pass.holds(row, "value")) return [];
        for (const input of pass.inputs(row)) unproven[input] = 1;
      }
      for (let row = 0; row < pass.rows; row++) {
        if (unproven[row] === 1) continue;
        const isLeaf = pass.nodeKind(row) === NodeKind.parameter && pass.holds(row, "gradient");
        if (isLeaf && !pass.roots.includes(row as NodeId)) leaves.push(row as NodeId);
      }
      return leaves;
    });
  }

  async #checkRow(pass: PassId, structure: PassStructure, row: number): Promise<CheckRow> {
    try {
      return await checkForeignOp(await pythonOp(this.#program.process, pass, structure, row, this.#explain));
    } catch (error) {
      const isFailure = typeof error === "object" && error !== null && "message" in error;
      const op = {
        node: row as NodeId,
        name: structure.ops[structure.op[row]!]!.name,
        label: structure.labels[structure.label[row]!]!,
        site: structure.sites[structure.site[row]!]!,
      };
      return undecidedForeign(op, isFailure ? String(error.message) : String(error));
    }
  }
}
