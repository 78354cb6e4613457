import { noGrad } from "../../context/grad-mode.ts";
import { EngineError } from "../../context/engine-error.ts";
import { describeValue } from "../../ops/operands.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Module } from "./module.ts";
import type { RemovableHook } from "./module-hooks.ts";
import { Parameter } from "./parameter.ts";

/** @throws EngineError unless the field of that name is a parameter of the module itself. */
export function expectParameter(op: string, module: unknown, name: string): Parameter {
  if (!(module instanceof Module)) {
    throw new EngineError("value", `${op}: expected a module, got ${describeValue(module)}`);
  }
  const value: unknown = Reflect.get(module, name);
  if (value instanceof Parameter) return value;
  const parameters = [...module.namedParameters("", false)].map(([known]) => known);
  throw new EngineError("value", `${op}: ${module.constructor.name} has no parameter "${name}"`, {
    fix: parameters.length > 0 ? `it has ${parameters.join(", ")}` : "give it the layer itself, not what holds it",
  });
}

/** What a field holds. */
export interface Computations {
  /** Until the first call. */
  readonly first: () => Tensor;
  readonly beforeCall: () => Tensor;
  /** Once it is a parameter again. */
  readonly last: () => Tensor;
}

interface Derived {
  readonly hook: RemovableHook;
  readonly last: () => Tensor;
}

/** Fields of modules that were parameters and are computed from others before each call, by one function of `nn.utils`. */
export class DerivedFields {
  readonly #op: string;
  readonly #fields = new WeakMap<Module, Map<string, Derived>>();

  constructor(op: string) {
    this.#op = op;
  }

  /** Takes the parameter away, lets `register` add what it follows from, and computes it. */
  put(module: Module, name: string, register: () => void, { first, beforeCall, last }: Computations): void {
    const fields = this.#fields.get(module) ?? new Map<string, Derived>();
    if (fields.has(name)) {
      throw new EngineError("value", `${this.#op}: "${name}" of this ${module.constructor.name} has it already`);
    }
    Reflect.deleteProperty(module, name);
    register();
    Reflect.set(module, name, first());
    const hook = module.registerForwardPreHook(() => void Reflect.set(module, name, beforeCall()));
    this.#fields.set(module, fields.set(name, { hook, last }));
  }

  /** Makes the field a parameter again, with the value that it has last, and takes `sources` away. */
  remove(module: Module, name: string, sources: readonly string[]): void {
    const derived = this.#fields.get(module)?.get(name);
    if (!derived) {
      throw new EngineError("value", `${this.#op}: "${name}" of this ${module.constructor.name} does not have it`);
    }
    const value = noGrad(derived.last);
    derived.hook.remove();
    this.#fields.get(module)?.delete(name);
    for (const source of [name, ...sources]) Reflect.deleteProperty(module, source);
    module.registerParameter(name, new Parameter(value));
  }
}
