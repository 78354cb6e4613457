import { checkForeignOp, undecidedForeign } from "../../check/foreign/check-foreign-op.ts";
import type { CheckMode, CheckRow, CheckSummary } from "../../protocol/check.ts";
import type { Checking, EngineEvents } from "../../protocol/engine.ts";
import type { JobId, NodeId, PassId } from "../../protocol/ids.ts";
import type { WhatIf } from "../../protocol/what-if.ts";
import { pythonOp } from "../../recorders/pytorch/python-op.ts";
import type { PassStructure } from "../../recording/pass-structure.ts";
import { Verdicts } from "../../recording/verdicts.ts";
import type { InspectedRun } from "../inspected-run.ts";
import { requestFailure } from "../request-failure.ts";
import type { PythonRun } from "./python-run.ts";

/** Compares the ops of the pass that a script has stopped after, each run again by the script's own process. */
export class PythonChecks implements Checking {
  readonly #run: InspectedRun;
  readonly #program: PythonRun;
  readonly #events: EngineEvents;
  readonly #cancelled = new Set<JobId>();

  constructor(run: InspectedRun, program: PythonRun, events: EngineEvents) {
    this.#run = run;
    this.#program = program;
    this.#events = events;
  }

  async check(
    job: JobId,
    pass: PassId,
    mode: CheckMode = "sampled",
  ): Promise<{ rows: readonly CheckRow[]; summary: CheckSummary }> {
    if (mode !== "sampled" && mode !== "local") {
      throw requestFailure(`a Python script is checked op by op: there is no comparison "${mode}" for it`);
    }
    const { structure } = await this.#program.recording.pass(pass);
    const { header } = await this.#program.process.ask("check.ops", { pass });
    const tasks = header["rows"] as readonly number[];
    const found = new Verdicts();
    const known = this.#run.verdictsOf(pass);
    this.#events.checkProgress(job, pass, 0, tasks.length, []);
    let done = 0;
    for (const row of tasks) {
      if (this.#cancelled.has(job)) break;
      const rows = [await this.#checkRow(pass, structure, row)];
      found.learn(rows);
      known.learn(rows);
      this.#events.checkProgress(job, pass, ++done, tasks.length, rows);
    }
    const { pass: passed, fail: failed, inconclusive } = found.tally();
    const cancelled = this.#cancelled.delete(job);
    return { rows: found.rows, summary: { pass, passed, failed, inconclusive, cancelled } };
  }

  async checkGradient(): Promise<CheckRow> {
    throw requestFailure("a Python script is checked op by op");
  }

  async whatIf(): Promise<WhatIf> {
    throw requestFailure("a Python script's passes are not computed again with other values");
  }

  async cancel(job: JobId): Promise<void> {
    this.#cancelled.add(job);
  }

  async #checkRow(pass: PassId, structure: PassStructure, row: number): Promise<CheckRow> {
    try {
      return await checkForeignOp(await pythonOp(this.#program.process, pass, structure, row));
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
