import { EngineError } from "../../context/engine-error.ts";
import { programObserver } from "../../context/program-observer.ts";
import { LRScheduler } from "./lr-scheduler.ts";
import type { Optimizer } from "./optimizer.ts";

/** Schedulers that are made of others. */

/** @throws EngineError unless there are schedulers, all of one optimizer. */
function expectSchedulers(type: string, schedulers: readonly LRScheduler[], optimizer?: Optimizer): Optimizer {
  const given: unknown = schedulers;
  if (!Array.isArray(given) || given.length === 0 || !given.every((one) => one instanceof LRScheduler)) {
    throw new EngineError("value", `${type}: expected an array of schedulers that step without a metric`);
  }
  const of = optimizer ?? schedulers[0]!.optimizer;
  const other = schedulers.findIndex((scheduler) => scheduler.optimizer !== of);
  if (other < 0) return of;
  throw new EngineError(
    "value",
    `${type}: all schedulers must be of the same optimizer, that at index ${other} is not`,
  );
}

/** Schedulers in turn: the next begins at each of the milestones. PyTorch: `SequentialLR`. */
export class SequentialLR extends LRScheduler {
  readonly #schedulers: readonly LRScheduler[];
  readonly #milestones: readonly number[];

  constructor(optimizer: Optimizer, schedulers: readonly LRScheduler[], milestones: readonly number[]) {
    expectSchedulers("SequentialLR", schedulers, optimizer);
    if (!Array.isArray(milestones) || milestones.length !== schedulers.length - 1) {
      throw new EngineError(
        "value",
        `SequentialLR: ${schedulers.length} schedulers need ${schedulers.length - 1} milestones, one between each and the next`,
      );
    }
    super(optimizer);
    this.#schedulers = schedulers;
    this.#milestones = milestones;
    optimizer.paramGroups.forEach((group, i) => (group.lr = this.baseLrs[i]!));
    schedulers[0]!.restart();
  }

  override step(): void {
    this.lastEpoch++;
    const turn = this.#milestones.filter((milestone) => milestone <= this.lastEpoch).length;
    const scheduler = this.#schedulers[turn]!;
    if (turn > 0 && this.#milestones[turn - 1] === this.lastEpoch) scheduler.restart();
    else scheduler.step();
    programObserver()?.schedulerStepped(this);
  }

  protected override rate(current: number): number {
    return current;
  }
}

/** Schedulers that all step, one after the other. PyTorch: `ChainedScheduler`. */
export class ChainedScheduler extends LRScheduler {
  readonly #schedulers: readonly LRScheduler[];

  constructor(schedulers: readonly LRScheduler[], optimizer?: Optimizer) {
    super(expectSchedulers("ChainedScheduler", schedulers, optimizer));
    this.#schedulers = schedulers;
  }

  override step(): void {
    for (const scheduler of this.#schedulers) scheduler.step();
    super.step();
  }

  protected override rate(current: number): number {
    return current;
  }
}
