import { elementCount } from "../core/shape.ts";
import type { CheckMode, CheckRow, CheckSummary } from "../protocol/check.ts";
import type { Checking } from "../protocol/engine.ts";
import type { JobId, NodeId, PassId } from "../protocol/ids.ts";
import type { Edit, WhatIf } from "../protocol/what-if.ts";
import { tensorsOf } from "../reading/pass-source.ts";
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
    const started = this.#started();
    return this.#whole(id, (pass) => started.run(job, pass, mode));
  }

  async checkGradient(job: JobId, id: PassId, node: NodeId): Promise<CheckRow> {
    const started = this.#started();
    return this.#whole(id, async (pass) => {
      if (!pass.holds(rowOf(pass, node), "gradient")) throw requestFailure("this node gets no gradient");
      return started.runGradient(job, pass, node);
    });
  }

  async whatIf(job: JobId, id: PassId, edits: readonly Edit[]): Promise<WhatIf> {
    const pass = await this.#run.source.open(id);
    for (const { node, element } of edits) {
      const count = elementCount(pass.shape(rowOf(pass, node)));
      if (!(element >= 0 && element < count)) throw requestFailure(`node ${node} has no element ${element}`);
    }
    const started = this.#started();
    return this.#whole(id, () => started.whatIf(job, pass, edits));
  }

  /** Works on a pass that is in memory as a whole: an op that another framework ran proves itself on its tensors. */
  async #whole<T>(id: PassId, work: (pass: ReadablePass) => Promise<T>): Promise<T> {
    const { source } = this.#run;
    const pass = await source.open(id);
    const release = source.hold(id);
    try {
      if (pass.foreign) await source.page(tensorsOf(pass));
      return await work(pass);
    } finally {
      release();
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
