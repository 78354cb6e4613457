import type { SiteId } from "../protocol/ids.ts";
import type { Module } from "../api/nn/module.ts";
import type { LRScheduler } from "../api/optim/lr-scheduler.ts";
import type { Optimizer } from "../api/optim/optimizer.ts";
import type { Tensor } from "../core/tensor.ts";

/**
 * Whoever follows a training from inside the thread that runs it. Modules and optimizers tell it what happens to them,
 * at the site of the call that is under way.
 */
export interface ProgramObserver {
  moduleMade(module: Module): void;
  /** A variable was set to it. */
  moduleNamed(module: Module, name: string): void;
  moduleCalled(module: Module): void;
  /** `train()` or `eval()` was called on a module; those inside it follow. */
  modeSet(module: Module, training: boolean): void;
  gradientsSwitched(tensor: Tensor, flag: boolean): void;
  optimizerMade(optimizer: Optimizer): void;
  /** Right before the parameters move. */
  stepping(optimizer: Optimizer): void;
  stepped(optimizer: Optimizer): void;
  /** An optimizer's, or a module's, parameters let go of their gradients. */
  zeroed(owner: Optimizer | Module): void;
  /** @param norm of all gradients together, or their largest element, before they were cut */
  clipped(kind: "norm" | "value", parameters: readonly Tensor[], limit: number, norm: number): void;
  schedulerMade(scheduler: LRScheduler): void;
  schedulerStepped(scheduler: LRScheduler): void;
  /** Numbers were read of what a graph could have been behind, had gradients been recorded. */
  readOff(): void;
  /** backward() came to a graph that had been run and released. */
  graphReleased(site: SiteId, label: string): void;
  /** backward() found nothing to do: no gradient can flow back from this. */
  nothingToDo(root: Tensor): void;
}

let current: ProgramObserver | null = null;

/** This thread's observer, if there is one. */
export function programObserver(): ProgramObserver | null {
  return current;
}

/** Sets {@link programObserver}. */
export function observeProgram(observer: ProgramObserver | null): void {
  current = observer;
}
