import { noGrad } from "../../context/grad-mode.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { sameShape } from "../../core/shape.ts";
import { Tensor } from "../../core/tensor.ts";
import { ModuleDict } from "./containers.ts";
import { expectParameter } from "./derived-field.ts";
import type { Member } from "./members.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** A module that computes a parameter from what is learned in its place. */
export interface Parametrization extends Module {
  /** What is to be learned for the parametrization to give `value`; several tensors are given to `forward` apart. */
  rightInverse?(value: Tensor): Tensor | readonly Tensor[];
}

/** What is learned in place of one parameter (`original`, or `original0`, `original1` …), and what computes it. */
export class ParametrizationList extends Module {
  readonly #steps: Parametrization[] = [];
  readonly #originals: string[] = [];

  constructor(first: Parametrization, value: Parameter, unsafe: boolean) {
    super();
    const before = value.detach();
    const inverse = noGrad(() => first.rightInverse?.(value.detach()) ?? value.detach());
    const learned = inverse instanceof Tensor ? [inverse] : inverse;
    learned.forEach((tensor, i) => {
      const name = inverse instanceof Tensor ? "original" : `original${i}`;
      this.#originals.push(name);
      // One that takes the parameter's place is the parameter itself: an optimizer may hold it already.
      if (inverse instanceof Tensor) Tensor.setElements(value, tensor);
      const original = inverse instanceof Tensor ? value : new Parameter(tensor.detach(), value.requiresGrad);
      this.registerParameter(name, original);
    });
    try {
      this.append(first, before, unsafe);
    } catch (error) {
      Tensor.setElements(value, before);
      throw error;
    }
  }

  /** Adds a step that is computed from what the others give. */
  append(step: Parametrization, before: Tensor, unsafe: boolean): void {
    this.#steps.push(step);
    if (unsafe) return;
    const after = noGrad(() => this.forward());
    if (sameShape(after.shape, before.shape) && after.dtype === before.dtype) return;
    this.#steps.pop();
    throw new EngineError(
      "shape",
      `registerParametrization: ${step.constructor.name} makes ${after.dtype} ${formatShape(after.shape)} of a parameter that is ${before.dtype} ${formatShape(before.shape)}`,
      { fix: "pass { unsafe: true } if that is meant" },
    );
  }

  /** Puts what gives `value` in place of what is learned. */
  assign(value: Tensor): void {
    noGrad(() => {
      let learned: Tensor | readonly Tensor[] = value;
      for (const step of this.#steps.toReversed()) {
        if (!step.rightInverse || !(learned instanceof Tensor)) {
          throw new EngineError(
            "value",
            `parametrize: ${step.constructor.name} has no rightInverse, so no value can be assigned`,
          );
        }
        learned = step.rightInverse(learned);
      }
      const parts = learned instanceof Tensor ? [learned] : learned;
      this.originals().forEach((original, i) => original.copy_(parts[i]!));
    });
  }

  originals(): Parameter[] {
    return this.#originals.map((name) => Reflect.get(this, name) as Parameter);
  }

  /** The parameter with `value`: the one that was there, where a single one was learned in its place. */
  restored(value: Tensor): Parameter {
    const originals = this.originals();
    const [first] = originals;
    if (originals.length > 1)
      return new Parameter(
        value.detach(),
        originals.some(({ requiresGrad }) => requiresGrad),
      );
    if (value !== first) Tensor.setElements(first!, value.detach());
    first!.forgetPath();
    return first!;
  }

  override forward(): Tensor {
    const [first, ...others] = this.#steps;
    let value: unknown = first!.forward(...(this.originals() as never[]));
    for (const step of others) value = step.forward(...([value] as never[]));
    if (value instanceof Tensor) return value;
    throw new EngineError("value", "parametrize: a parametrization's forward must return a tensor");
  }

  override *members(): Generator<Member> {
    yield* super.members();
    yield* this.#steps.map((step, i): Member => [String(i), step]);
  }
}

/** The lists of a module by the parameter's name; null when it has none. */
function listsOf(module: Module): ModuleDict<ParametrizationList> | null {
  const lists: unknown = Reflect.get(module, "parametrizations");
  return lists instanceof ModuleDict ? (lists as ModuleDict<ParametrizationList>) : null;
}

/**
 * Makes a parameter the result of a module: what is learned lies at `module.parametrizations.NAME.original`, and reading
 * `module.NAME` computes it. PyTorch: `torch.nn.utils.parametrize.register_parametrization`.
 * @returns the module
 */
export function registerParametrization<M extends Module>(
  module: M,
  tensorName: string,
  parametrization: Parametrization,
  options: { readonly unsafe?: boolean } = {},
): M {
  const unsafe = options.unsafe ?? false;
  // It computes the parameter as the module would, once it is a part of it.
  parametrization.train(module.training);
  const known = listsOf(module);
  if (known?.has(tensorName)) {
    known.get(tensorName).append(parametrization, Reflect.get(module, tensorName) as Tensor, unsafe);
    return module;
  }
  const value = expectParameter("registerParametrization", module, tensorName);
  const list = new ParametrizationList(parametrization, value, unsafe);
  if (known === null) Reflect.set(module, "parametrizations", new ModuleDict<ParametrizationList>());
  Reflect.deleteProperty(module, tensorName);
  listsOf(module)!.set(tensorName, list);
  Object.defineProperty(module, tensorName, {
    get: () => list.forward(),
    set: (given: Tensor) => list.assign(given),
    configurable: true,
    enumerable: false,
  });
  return module;
}

/** Whether a module, or one parameter of it, is computed. PyTorch: `parametrize.is_parametrized`. */
export function isParametrized(module: Module, tensorName?: string): boolean {
  const lists = listsOf(module);
  return lists !== null && (tensorName === undefined ? lists.size > 0 : lists.has(tensorName));
}

/**
 * Makes a parameter one that is learned itself again: with the value that was computed, or with what was learned where
 * `leaveParametrized` is false. PyTorch: `parametrize.remove_parametrizations`.
 */
export function removeParametrizations<M extends Module>(
  module: M,
  tensorName: string,
  options: { readonly leaveParametrized?: boolean } = {},
): M {
  const lists = listsOf(module);
  if (!lists?.has(tensorName)) {
    throw new EngineError(
      "value",
      `removeParametrizations: "${tensorName}" of this ${module.constructor.name} has none`,
    );
  }
  const list = lists.get(tensorName);
  const leave = options.leaveParametrized ?? true;
  const originals = list.originals();
  if (!leave && originals.length > 1) {
    throw new EngineError(
      "value",
      `removeParametrizations: "${tensorName}" is computed from ${originals.length} tensors`,
      {
        fix: "leave { leaveParametrized: false } out",
      },
    );
  }
  const value = leave ? noGrad(() => list.forward()) : originals[0]!;
  Reflect.deleteProperty(module, tensorName);
  lists.delete(tensorName);
  if (lists.size === 0) Reflect.deleteProperty(module, "parametrizations");
  module.registerParameter(tensorName, list.restored(value));
  return module;
}
