import { checkOptions } from "../../context/options.ts";
import { withGradMode } from "../../context/grad-mode.ts";
import { describeValue } from "../../ops/operands.ts";
import { EngineError } from "../../context/engine-error.ts";
import { dense } from "../../ops/dense.ts";
import { runtime } from "../../core/runtime.ts";
import { Tensor } from "../../core/tensor.ts";
import { writeTime } from "../../core/storage.ts";
import type { View } from "../../core/view.ts";
import { widened } from "../../core/widening.ts";
import { programObserver } from "../../context/program-observer.ts";

/** Parameters with options of their own. What a group leaves out comes from the optimizer's options. */
export type GroupOptions<O> = Partial<O> & { readonly params: Iterable<Tensor> };
/** A group as the optimizer holds it; schedulers change its `lr`. */
export type ParameterGroup<O> = O & { params: Tensor[] };

/** What an optimizer remembers of a parameter. */
export type ParameterState = Record<string, Tensor | number | null>;

/** An optimizer's memory and options as plain data, parameters counted through the groups. */
export interface OptimizerState<O> {
  readonly state: Readonly<Record<number, ParameterState>>;
  readonly paramGroups: readonly (O & { readonly params: readonly number[] })[];
}

export type Parameters<O> = Iterable<Tensor> | readonly GroupOptions<O>[];

export interface LearningRate {
  lr: number;
  /** What `lr` was before a scheduler changed it. */
  initialLr?: number;
}

/** The optimizers that have been made, as long as somebody can reach them. */
const made = new Set<WeakRef<Optimizer>>();

/** Reads what only an optimizer itself may change. */
let live: (optimizer: Optimizer) => LiveOptimizer;

/** An optimizer, and what it remembers of each parameter. */
export interface LiveOptimizer {
  readonly optimizer: Optimizer;
  readonly stateOf: (param: Tensor) => Readonly<ParameterState> | undefined;
}

/** The optimizers that can still be reached, in the order in which they were made. */
export function liveOptimizers(): LiveOptimizer[] {
  return [...made].flatMap((reference) => {
    const optimizer = reference.deref();
    if (!optimizer) made.delete(reference);
    return optimizer ? [live(optimizer)] : [];
  });
}

/** The groups of an optimizer; without what a program has put among them by hand that is none. */
export function groupsOf<O extends LearningRate>(optimizer: Optimizer<O>): readonly ParameterGroup<O>[] {
  const { paramGroups } = optimizer;
  return paramGroups.every(isGroup) ? paramGroups : paramGroups.filter(isGroup);
}

function isGroup(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "params" in value &&
    Array.isArray(value.params) &&
    value.params.every((param) => param instanceof Tensor)
  );
}

/** One parameter in a step. */
export interface Move {
  readonly param: Tensor;
  /** Its dense elements, which the step changes. */
  readonly values: Tensor;
  readonly grad: Tensor;
  /** Where they were until now, which may be the same place. */
  readonly before: View;
}

/** What all optimizers share: groups, and a step over every parameter that has a gradient. */
export abstract class Optimizer<O extends LearningRate = LearningRate> {
  readonly paramGroups: ParameterGroup<O>[] = [];
  readonly defaults: O;
  readonly #seen = new Set<Tensor>();
  /** By parameter; empty until its first step. */
  protected readonly state = new Map<Tensor, ParameterState>();

  static {
    live = (optimizer) => ({ optimizer, stateOf: (param) => optimizer.state.get(param) });
  }

  /** @throws EngineError when there is nothing to optimise, a parameter comes twice or is not a leaf. */
  constructor(params: Parameters<O>, defaults: O, options: Partial<O> = {}) {
    checkOptions(this.constructor.name, options, Object.keys(defaults));
    requireDefined(this.constructor.name, options);
    this.defaults = { ...defaults, ...options };
    const given: unknown = params;
    if (typeof given !== "object" || given === null || given instanceof Tensor || !(Symbol.iterator in given)) {
      throw new EngineError(
        "value",
        `${this.constructor.name}: the first argument must be an iterable of tensors or groups`,
        {
          fix: given instanceof Tensor ? "put the tensor into an array: [w]" : "pass model.parameters()",
        },
      );
    }
    const list: (Tensor | GroupOptions<O>)[] = [...params];
    if (list.length === 0) {
      throw new EngineError("value", `${this.constructor.name}: there are no parameters to optimise`, {
        fix: "pass model.parameters(), of a model that has some",
      });
    }
    if (list[0] instanceof Tensor) this.addParamGroup({ params: list as Tensor[] } as unknown as GroupOptions<O>);
    else {
      for (const group of list as unknown[]) {
        if (typeof group !== "object" || group === null || group instanceof Tensor) {
          throw new EngineError(
            "value",
            `${this.constructor.name}: expected tensors or groups { params, … }, found ${typeof group}`,
          );
        }
        this.addParamGroup(group as GroupOptions<O>);
      }
    }
    made.add(new WeakRef<Optimizer>(this));
    programObserver()?.optimizerMade(this);
  }

  addParamGroup(group: GroupOptions<O>): void {
    const { params: given, ...options } = group;
    if ((given as unknown) === undefined) {
      throw new EngineError(
        "value",
        `${this.constructor.name}: a group needs params, this one has ${Object.keys(group).join(", ")}`,
      );
    }
    checkOptions(this.constructor.name, options, Object.keys(this.defaults));
    requireDefined(this.constructor.name, options);
    const params = given instanceof Tensor ? [given] : [...given];
    for (const param of params) {
      if (!(param instanceof Tensor)) {
        throw new EngineError("value", `${this.constructor.name}: parameters must be tensors, found ${typeof param}`);
      }
      if (!param.isLeaf) {
        throw new EngineError("autograd", `${this.constructor.name}: only leaf tensors can be optimised`, {
          fix: "pass the parameters themselves, not results of ops on them",
        });
      }
      if (this.#seen.has(param)) {
        throw new EngineError(
          "value",
          `${this.constructor.name}: the parameter ${param.label || "here"} appears twice`,
        );
      }
      this.#seen.add(param);
    }
    const full = { ...this.defaults, ...options, params } as ParameterGroup<O>;
    this.check(full);
    this.paramGroups.push(full);
  }

  /** Sets every gradient to null; with `setToNone: false`, to zeros. */
  zeroGrad(options: { readonly setToNone?: boolean } = {}): void {
    programObserver()?.zeroed(this);
    this.#requireGroups("zeroGrad");
    for (const { params } of this.paramGroups) {
      for (const param of params) {
        if (options.setToNone ?? true) param.grad = null;
        else if (param.grad) {
          param.grad.storage.prepareWrite(false);
          runtime.kernels.fill(param.grad, 0);
        }
      }
    }
  }

  /** Moves every parameter that has a gradient. `closure` is run first and its result returned. */
  step<T>(closure?: () => T): T | undefined {
    const loss = closure?.();
    const observer = programObserver();
    observer?.stepping(this);
    this.#requireGroups("step");
    withGradMode(false, () => {
      for (const group of this.paramGroups) this.#stepGroup(group);
    });
    observer?.stepped(this);
    return loss;
  }

  #stepGroup(group: ParameterGroup<O>): void {
    let moves: Move[] = [];
    const flush = (): void => {
      if (moves.length > 0) this.updateAll(moves, group);
      for (const { param, values } of moves) if (values !== param) runtime.kernels.copy(values, param);
      moves = [];
    };
    const started = writeTime();
    for (const param of group.params) {
      if (!param.grad) continue;
      // What shares its memory with a parameter before it moves after that one.
      if (param.storage.writtenAt > started) flush();
      moves.push(this.#prepared(param, param.grad));
    }
    flush();
  }

  #requireGroups(method: string): void {
    const odd = this.paramGroups.findIndex((group) => !isGroup(group));
    if (odd < 0) return;
    throw new EngineError(
      "value",
      `${this.constructor.name}.${method}: paramGroups[${odd}] is no group with an array of tensors as params`,
      { fix: "add it with addParamGroup({ params })" },
    );
  }

  /** The memory and the options, to go on from later; tensors are copies. */
  stateDict(): OptimizerState<O> {
    const all = this.paramGroups.flatMap((group) => group.params);
    const state: Record<number, ParameterState> = {};
    all.forEach((param, i) => {
      const known = this.state.get(param);
      if (known) state[i] = copied(known);
    });
    let next = 0;
    const paramGroups = this.paramGroups.map((group) => ({ ...group, params: group.params.map(() => next++) }));
    return { state, paramGroups };
  }

  /** @throws EngineError unless there are as many groups, of as many parameters. */
  loadStateDict(saved: OptimizerState<O>): void {
    const sizes = (groups: readonly { readonly params: readonly unknown[] }[]): string =>
      groups.map((group) => group.params.length).join(", ");
    if (sizes(saved.paramGroups) !== sizes(this.paramGroups)) {
      throw new EngineError(
        "value",
        `loadStateDict: the state is of groups of ${sizes(saved.paramGroups)} parameters, this ${this.constructor.name} has ${sizes(this.paramGroups)}`,
      );
    }
    this.paramGroups.forEach((group, i) => {
      const { params } = group;
      Object.assign(group, saved.paramGroups[i], { params });
    });
    const all = this.paramGroups.flatMap((group) => group.params);
    this.state.clear();
    for (const [index, state] of Object.entries(saved.state)) this.state.set(all[Number(index)]!, copied(state));
  }

  /** Makes room for what a parameter becomes. */
  #prepared(param: Tensor, grad: Tensor): Move {
    const { storage, shape, strides, dtype, offset } = param;
    const contiguous = param.isContiguous();
    // A step that reads the values where they were need not have them copied first.
    const moves = this.readsBefore && contiguous && param.numel() === storage.length && widened(dtype) === dtype;
    // The region holds that memory while the step makes its state.
    const before: View = moves ? Object.assign({ dtype, offset, shape, strides }, { region: storage.region }) : param;
    // A recorded pass may still show the parameter's old values; they stay where they are.
    storage.prepareWrite(!moves);
    storage.lastWrite!.byStep = true;
    const values = contiguous ? param : dense(param);
    return { param, values, grad: dense(grad), before: contiguous ? before : values };
  }

  /** Whether the step reads the values at `before`, where `values` holds nothing yet. */
  protected readonly readsBefore: boolean = false;

  /** Changes all parameters of a group that have a gradient: the one place where an optimizer says what it does. */
  protected abstract updateAll(moves: readonly Move[], group: ParameterGroup<O>): void;

  /** @throws EngineError on an option out of its range. */
  protected check(group: ParameterGroup<O>): void {
    this.requireAtLeast(group.lr, 0, "lr");
  }

  protected requireAtLeast(value: number, least: number, name: string): void {
    if (typeof value === "number" && value >= least) return;
    throw new EngineError(
      "value",
      `${this.constructor.name}: ${name} must be at least ${least}, found ${typeof value === "number" ? value : describeValue(value)}`,
    );
  }

  protected requireBetas(betas: readonly [number, number]): void {
    if (!isPair(betas)) {
      throw new EngineError("value", `${this.constructor.name}: betas must be two numbers, such as [0.9, 0.999]`);
    }
    for (const beta of betas) {
      if (beta >= 0 && beta < 1) continue;
      throw new EngineError("value", `${this.constructor.name}: betas must be in [0, 1), found ${beta}`);
    }
  }
}

function isPair(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2;
}

/** @throws EngineError on an option that is there and undefined: a name that was misspelt where it was read. */
function requireDefined(type: string, options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined) continue;
    throw new EngineError("value", `${type}: ${name} is undefined`, { fix: "leave it out, or give it a value" });
  }
}

function copied(state: ParameterState): ParameterState {
  const copies: ParameterState = {};
  for (const [name, value] of Object.entries(state)) {
    copies[name] = value;
    if (!(value instanceof Tensor)) continue;
    const copy = Tensor.empty(value.shape, value.dtype);
    runtime.kernels.copy(value, copy);
    copies[name] = copy;
  }
  return copies;
}

/** Zeros of a parameter's shape: an optimizer's state. */
export function zerosOf(param: Tensor, value = 0): Tensor {
  const state = Tensor.empty(param.shape, param.dtype);
  runtime.kernels.fill(state, value);
  return state;
}
