import { EngineError } from "../../context/engine-error.ts";
import type { Tensor } from "../../core/tensor.ts";
import { answerForLast, answerInBrackets, placeOf } from "./in-brackets.ts";
import type { Member } from "./members.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** A list of parameters. Tensors among them become parameters. PyTorch: `torch.nn.ParameterList`. */
export class ParameterList extends Module {
  /** `weights[0]`, `weights[-1]`. */
  [index: number]: Parameter;
  readonly #parameters: Parameter[] = [];

  constructor(parameters: Iterable<Tensor> = []) {
    super();
    this.extend(parameters);
  }

  get length(): number {
    return this.#parameters.length;
  }

  append(parameter: Tensor): this {
    this.#parameters.push(asParameter(parameter));
    answerForLast(this, this.length);
    return this;
  }

  extend(parameters: Iterable<Tensor>): this {
    for (const parameter of parameters) this.append(parameter);
    return this;
  }

  /** The parameter at `index`. @throws EngineError when there is none. */
  get(index: number): Parameter {
    return this.#parameters[placeOf("ParameterList", index, this.length, "parameters")]!;
  }

  /** Puts a parameter in the place of another. PyTorch: `weights[index] = parameter`. @throws EngineError when there is none. */
  set(index: number, parameter: Tensor): this {
    this.#parameters[placeOf("ParameterList", index, this.length, "parameters")] = asParameter(parameter);
    return this;
  }

  at(index: number): Parameter | undefined {
    return this.#parameters.at(index);
  }

  map<U>(fn: (parameter: Parameter, index: number) => U): U[] {
    return this.#parameters.map(fn);
  }

  [Symbol.iterator](): IterableIterator<Parameter> {
    return this.#parameters[Symbol.iterator]();
  }

  override *members(): Generator<Member> {
    yield* this.#parameters.map((parameter, i): Member => [String(i), parameter]);
    yield* super.members();
  }

  static {
    answerInBrackets(this.prototype);
  }
}

/** Parameters by name: `weights.get("left")`. PyTorch: `torch.nn.ParameterDict`. */
export class ParameterDict extends Module {
  readonly #parameters = new Map<string, Parameter>();

  constructor(parameters: Readonly<Record<string, Tensor>> = {}) {
    super();
    for (const [name, parameter] of Object.entries(parameters)) this.set(name, parameter);
  }

  get size(): number {
    return this.#parameters.size;
  }

  /** The parameter of that name. @throws EngineError when there is none. */
  get(name: string): Parameter {
    const parameter = this.#parameters.get(name);
    if (parameter !== undefined) return parameter;
    throw new EngineError("value", `ParameterDict: there is no "${name}", only ${[...this.keys()].join(", ")}`);
  }

  set(name: string, parameter: Tensor): this {
    this.#parameters.set(name, asParameter(parameter));
    if (!(name in this)) {
      Object.defineProperty(this, name, {
        get: () => this.#parameters.get(name),
        set: (other: Tensor) => void this.set(name, other),
        configurable: true,
      });
    }
    return this;
  }

  has(name: string): boolean {
    return this.#parameters.has(name);
  }

  keys(): IterableIterator<string> {
    return this.#parameters.keys();
  }

  values(): IterableIterator<Parameter> {
    return this.#parameters.values();
  }

  [Symbol.iterator](): IterableIterator<[string, Parameter]> {
    return this.#parameters.entries();
  }

  override *members(): Generator<Member> {
    for (const [name, parameter] of this.#parameters) yield [name, parameter];
    yield* super.members();
  }
}

function asParameter(parameter: Tensor): Parameter {
  return parameter instanceof Parameter ? parameter : new Parameter(parameter);
}
