import { elementCount } from "../core/shape.ts";
import type { CheckMode, CheckRow, CheckSummary } from "../protocol/check.ts";
import type { Checking } from "../protocol/engine.ts";
import type { JobId, NodeId, PassId } from "../protocol/ids.ts";
import type { Edit, WhatIf } from "../protocol/what-if.ts";
import { bringWhole } from "../reading/pass-source.ts";
import type { ReadablePass } from "../reading/readable-pass.ts";
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
    return this.#whole(job, id, (pass, runner) => runner.run(job, pass, mode));
  }

  async checkGradient(job: JobId, id: PassId, node: NodeId): Promise<CheckRow> {
    return this.#whole(job, id, async (pass, runner) => {
      if (!pass.holds(rowOf(pass, node), "gradient")) throw requestFailure("this node gets no gradient");
      return runner.runGradient(job, pass, node);
    });
  }

  async whatIf(job: JobId, id: PassId, edits: readonly Edit[]): Promise<WhatIf> {
    return this.#whole(job, id, async (pass, runner) => {
      for (const { node, element } of edits) {
        const count = elementCount(pass.shape(rowOf(pass, node)));
        if (!(element >= 0 && element < count)) throw requestFailure(`node ${node} has no element ${element}`);
      }
      return runner.whatIf(job, pass, edits);
    });
  }

  /** Works on a pass that is in memory as a whole: an op that another framework ran proves itself on its tensors. */
  async #whole<T>(job: JobId, id: PassId, work: (pass: ReadablePass, runner: CheckRunner) => Promise<T>): Promise<T> {
    const { source } = this.#run;
    const runner = this.#started();
    runner.begin(job);
    try {
      const pass = await source.open(id);
      const release = source.hold(id);
      try {
        if (pass.foreign) await bringWhole(source, pass);
        return await work(pass, runner);
      } finally {
        release();
      }
    } finally {
      runner.end(job);
    }
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
