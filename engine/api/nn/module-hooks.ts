import { apply } from "../../ops/apply.ts";
import { alias } from "../../ops/view-ops.ts";
import { Tensor } from "../../core/tensor.ts";
import type { Module } from "./module.ts";

export type ForwardPreHook = (module: Module, args: readonly unknown[]) => readonly unknown[] | void;
export type ForwardHook = (module: Module, args: readonly unknown[], output: unknown) => unknown;
export type BackwardHook = (
  module: Module,
  gradInput: readonly (Tensor | null)[],
  gradOutput: readonly (Tensor | null)[],
) => readonly (Tensor | null)[] | void;

export interface RemovableHook {
  remove(): void;
}

interface Lists {
  readonly before: ForwardPreHook[];
  readonly after: ForwardHook[];
  readonly backward: BackwardHook[];
}

/** The hooks of one module. */
export class ModuleHooks {
  readonly #lists: Lists = { before: [], after: [], backward: [] };

  add<K extends keyof Lists>(when: K, hook: Lists[K][number]): RemovableHook {
    const list: Lists[K][number][] = this.#lists[when];
    list.push(hook);
    return {
      remove: () => {
        const at = list.indexOf(hook);
        if (at >= 0) list.splice(at, 1);
      },
    };
  }

  /** Runs a module's forward with the hooks around it. */
  run(module: Module, forward: (...args: never[]) => unknown, args: readonly unknown[]): unknown {
    const { before, after, backward } = this.#lists;
    let inputs = args;
    for (const hook of before) {
      const replaced = hook(module, inputs);
      if (replaced !== undefined) inputs = Array.isArray(replaced) ? (replaced as unknown[]) : [replaced];
    }
    const watch = backward.length > 0 ? new BackwardWatch(module, backward) : null;
    if (watch) inputs = watch.watchInputs(inputs);
    let output = forward.apply(module, inputs as never[]);
    for (const hook of after) output = hook(module, inputs, output) ?? output;
    if (watch) output = watch.watchOutput(output);
    return output;
  }
}

/** Collects the gradients of one call's outputs and arguments, and runs the hooks when all have arrived. */
class BackwardWatch {
  readonly #module: Module;
  readonly #hooks: readonly BackwardHook[];
  readonly #gradInput: (Tensor | null)[] = [];
  #gradOutput: (Tensor | null)[] = [];
  #awaited = 0;

  constructor(module: Module, hooks: readonly BackwardHook[]) {
    this.#module = module;
    this.#hooks = [...hooks];
  }

  watchInputs(args: readonly unknown[]): unknown[] {
    return args.map((arg) => {
      if (!(arg instanceof Tensor)) return arg;
      const index = this.#gradInput.push(null) - 1;
      if (!arg.requiresGrad) return arg;
      this.#awaited++;
      const watched = apply(alias, [arg]);
      watched.registerHook((grad) => this.#inputArrived(index, grad));
      return watched;
    });
  }

  watchOutput(output: unknown): unknown {
    const outputs = Array.isArray(output) ? (output as unknown[]) : [output];
    const watched = outputs.map((value, index) => {
      if (!(value instanceof Tensor) || !value.requiresGrad) return value;
      const own = apply(alias, [value]);
      own.registerHook((grad) => {
        this.#gradOutput[index] = grad;
        // A module whose arguments need no gradient has nothing else to wait for.
        if (this.#awaited === 0) this.#run();
      });
      return own;
    });
    this.#gradOutput = watched.map(() => null);
    return Array.isArray(output) ? watched : watched[0];
  }

  #inputArrived(index: number, grad: Tensor): Tensor | void {
    this.#gradInput[index] = grad;
    if (--this.#awaited > 0) return;
    this.#run();
    // Only the argument whose gradient came last can still be given another.
    return this.#gradInput[index] ?? grad;
  }

  #run(): void {
    for (const hook of this.#hooks) {
      const replaced = hook(this.#module, [...this.#gradInput], this.#gradOutput);
      if (replaced) replaced.forEach((grad, i) => (this.#gradInput[i] = grad));
    }
  }
}
