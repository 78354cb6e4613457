import { elementCount } from "../core/shape.ts";
import type { CheckMode, CheckRow, CheckSummary } from "../protocol/check.ts";
import type { Checking } from "../protocol/engine.ts";
import type { JobId, NodeId, PassId } from "../protocol/ids.ts";
import type { Edit, WhatIf } from "../protocol/what-if.ts";
import { rowOf } from "../recording/recorded-pass.ts";
import type { CheckRunner } from "./check-runner.ts";
import type { InspectedRun } from "./inspected-run.ts";
import { requestFailure } from "./request-failure.ts";

/** Answers requests to run ops of recorded passes again. */
export class PassChecks implements Checking {
  readonly #run: InspectedRun;
  readonly #runner: () => CheckRunner | null;

  /** @param runner null before there is anything to run */
  constructor(run: InspectedRun, runner: () => CheckRunner | null) {
    this.#run = run;
    this.#runner = runner;
  }

  async check(
    job: JobId,
    id: PassId,
    mode: CheckMode = "sampled",
  ): Promise<{ rows: readonly CheckRow[]; summary: CheckSummary }> {
    const pass = await this.#run.source.open(id);
    return this.#started().run(job, pass, mode);
  }

  async checkGradient(job: JobId, id: PassId, node: NodeId): Promise<CheckRow> {
    const pass = await this.#run.source.open(id);
    if (!pass.holds(rowOf(pass, node), "gradient")) throw requestFailure("this node gets no gradient");
    return this.#started().runGradient(job, pass, node);
  }

  async whatIf(id: PassId, edits: readonly Edit[]): Promise<WhatIf> {
    const pass = await this.#run.source.open(id);
    for (const { node, element } of edits) {
      const count = elementCount(pass.shape(rowOf(pass, node)));
      if (!(element >= 0 && element < count)) throw requestFailure(`node ${node} has no element ${element}`);
    }
    return this.#started().whatIf(pass, edits);
  }

  async cancel(job: JobId): Promise<void> {
    this.#runner()?.cancel(job);
  }

  #started(): CheckRunner {
    const runner = this.#runner();
    if (!runner) throw requestFailure("nothing has run yet");
    return runner;
  }
}
