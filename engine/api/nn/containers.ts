import { EngineError } from "../../context/engine-error.ts";
import type { Tensor } from "../../core/tensor.ts";
import { answerForLast, answerInBrackets, placeOf } from "./in-brackets.ts";
import type { Member } from "./members.ts";
import { Module } from "./module.ts";

/** A module that `Sequential` can call: it takes what the one before gives. */
type Step = Module & { forward(x: Tensor): Tensor };

/** Calls its modules one after another; they are named "0", "1", … PyTorch: `torch.nn.Sequential`. */
export class Sequential extends Module {
  /** `net[0]`, `net[-1]`. */
  [index: number]: Step;
  readonly #steps: Step[] = [];

  constructor(...modules: readonly Module[]) {
    super();
    for (const module of modules) this.append(module);
  }

  get length(): number {
    return this.#steps.length;
  }

  append(module: Module): this {
    this.#steps.push(requireModule("Sequential", module as Step));
    answerForLast(this, this.length);
    return this;
  }

  at(index: number): Step | undefined {
    return this.#steps.at(index);
  }

  /** The module at `index`. @throws EngineError when there is none. */
  get(index: number): Step {
    return this.#steps[placeOf("Sequential", index, this.length, "modules")]!;
  }

  /** Puts a module in the place of another. PyTorch: `net[index] = module`. @throws EngineError when there is none. */
  set(index: number, module: Module): this {
    this.#steps[placeOf("Sequential", index, this.length, "modules")] = requireModule("Sequential", module as Step);
    return this;
  }

  [Symbol.iterator](): IterableIterator<Step> {
    return this.#steps[Symbol.iterator]();
  }

  override *members(): Generator<Member> {
    yield* this.#steps.map((module, i): Member => [String(i), module]);
    yield* super.members();
  }

  static {
    answerInBrackets(this.prototype);
  }

  override forward(x: Tensor): Tensor {
    let out = x;
    for (const step of this.#steps) out = step.forward(out);
    return out;
  }
}

/** A list of modules that its owner calls itself. PyTorch: `torch.nn.ModuleList`. */
export class ModuleList<T extends Module = Module> extends Module {
  /** `layers[0]`, `layers[-1]`. */
  [index: number]: T;
  readonly #modules: T[] = [];

  constructor(modules: Iterable<T> = []) {
    super();
    for (const module of modules) this.append(module);
  }

  get length(): number {
    return this.#modules.length;
  }

  append(module: T): this {
    this.#modules.push(requireModule("ModuleList", module));
    answerForLast(this, this.length);
    return this;
  }

  at(index: number): T | undefined {
    return this.#modules.at(index);
  }

  /** The module at `index`. @throws EngineError when there is none. */
  get(index: number): T {
    return this.#modules[placeOf("ModuleList", index, this.length, "modules")]!;
  }

  /** Puts a module in the place of another. PyTorch: `layers[index] = module`. @throws EngineError when there is none. */
  set(index: number, module: T): this {
    this.#modules[placeOf("ModuleList", index, this.length, "modules")] = requireModule("ModuleList", module);
    return this;
  }

  map<U>(fn: (module: T, index: number) => U): U[] {
    return this.#modules.map(fn);
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#modules[Symbol.iterator]();
  }

  override *members(): Generator<Member> {
    yield* this.#modules.map((module, i): Member => [String(i), module]);
    yield* super.members();
  }

  static {
    answerInBrackets(this.prototype);
  }
}

/**
 * Modules by name, which their owner calls itself: `layers.get("wte")`, or `layers.wte` where no method has that name.
 * PyTorch: `torch.nn.ModuleDict`.
 */
export class ModuleDict<T extends Module = Module> extends Module {
  readonly #modules = new Map<string, T>();

  constructor(modules: Readonly<Record<string, T>> = {}) {
    super();
    for (const [name, module] of Object.entries(modules)) this.set(name, module);
  }

  get size(): number {
    return this.#modules.size;
  }

  /** The module of that name. @throws EngineError when there is none. */
  get(name: string): T {
    const module = this.#modules.get(name);
    if (module === undefined) {
      throw new EngineError("value", `ModuleDict: there is no "${name}", only ${[...this.keys()].join(", ")}`);
    }
    return module;
  }

  set(name: string, module: T): this {
    this.#modules.set(name, requireModule("ModuleDict", module));
    if (!(name in this)) {
      Object.defineProperty(this, name, {
        get: () => this.#modules.get(name),
        set: (other: T) => void this.set(name, other),
        configurable: true,
      });
    }
    return this;
  }

  override addModule(name: string, module: Module): void {
    this.set(name, module as T);
  }

  has(name: string): boolean {
    return this.#modules.has(name);
  }

  /** Takes the module of that name out. PyTorch: `del layers[name]`. @returns whether there was one */
  delete(name: string): boolean {
    if (!this.#modules.delete(name)) return false;
    Reflect.deleteProperty(this, name);
    return true;
  }

  keys(): IterableIterator<string> {
    return this.#modules.keys();
  }

  values(): IterableIterator<T> {
    return this.#modules.values();
  }

  [Symbol.iterator](): IterableIterator<[string, T]> {
    return this.#modules.entries();
  }

  override *members(): Generator<Member> {
    for (const [name, module] of this.#modules) yield [name, module];
    yield* super.members();
  }
}

function requireModule<T>(owner: string, value: T): T {
  if (value instanceof Module) return value;
  throw new EngineError("value", `${owner}: expected a module, found ${value === null ? "null" : typeof value}`, {
    fix: "functions such as F.relu are modules in nn: new nn.ReLU()",
  });
}
