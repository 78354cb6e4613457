import { CallCounter } from "../../context/scope.ts";
import { constructionSite, onLabel } from "../../context/site.ts";
import { EngineError } from "../../context/engine-error.ts";
import type { DType } from "../../protocol/dtype.ts";
import type { Device } from "../../core/dtypes.ts";
import { targetDType } from "../tensor/methods/copies.ts";
import { isFloating, Tensor } from "../../core/tensor.ts";
import { programObserver } from "../../context/program-observer.ts";
import type { SiteId } from "../../protocol/ids.ts";
import { describeModule } from "./describe-module.ts";
import { membersOf, type Member } from "./members.ts";
import { wrapForward } from "./module-call.ts";
import {
  ModuleHooks,
  type BackwardHook,
  type ForwardHook,
  type ForwardPreHook,
  type RemovableHook,
} from "./module-hooks.ts";
import { Parameter } from "./parameter.ts";
import { isUninitialized, uninitialized } from "./uninitialized.ts";
import { convertTo, load, type LoadResult, type StateDict } from "./state-dict.ts";

/**
 * A part of a model: parameters, the modules it is made of, and a `forward` that uses them. Fields that are modules or
 * parameters, and parameters in arrays, plain objects or maps, are registered in the order of definition; modules in such
 * are not.
 * PyTorch: `torch.nn.Module`.
 */
export class Module {
  /** Whether dropout drops and batch normalisation learns its statistics: see `train()` and `eval()`. */
  training = true;
  readonly #madeAt = constructionSite();
  #variable = "";
  readonly #buffers = new Map<string, { readonly persistent: boolean }>();
  readonly #calls = new CallCounter();
  readonly #hooks = new ModuleHooks();
  /** Path of each module in this one; read again when a module is not found in it. */
  #paths: Map<Module, string> | null = null;
  #named = false;

  constructor() {
    wrapForward(this);
    programObserver()?.moduleMade(this);
  }

  /** The variable that it was first assigned to. */
  get variable(): string {
    return this.#variable;
  }

  /** @internal The call that made it. */
  get madeAt(): SiteId {
    return this.#madeAt;
  }

  /** What the module computes; subclasses define it. */
  forward(..._args: never[]): unknown {
    throw new EngineError("value", `${this.constructor.name}: the module has no forward`, {
      fix: "define forward(...) in the class",
    });
  }

  /** The modules and parameters of this module itself. Containers list theirs under other names than their fields'. */
  members(): Iterable<Member> {
    return membersOf(this);
  }

  *namedChildren(): Generator<[string, Module]> {
    const seen = new Set<Module>();
    for (const [name, value] of this.members()) {
      if (!(value instanceof Module) || seen.has(value)) continue;
      seen.add(value);
      yield [name, value];
    }
  }

  *children(): Generator<Module> {
    for (const [, module] of this.namedChildren()) yield module;
  }

  /** This module (under the path `prefix`) and all inside it, each once. */
  *namedModules(prefix = "", seen: Set<Module> = new Set()): Generator<[string, Module]> {
    if (seen.has(this)) return;
    seen.add(this);
    yield [prefix, this];
    for (const [name, child] of this.namedChildren()) yield* child.namedModules(joined(prefix, name), seen);
  }

  *modules(): Generator<Module> {
    for (const [, module] of this.namedModules()) yield module;
  }

  /** Parameters with their paths, each once, in the order of definition: a field's module where the field stands. */
  *namedParameters(
    prefix = "",
    recurse = true,
    seen: Set<Module | Parameter> = new Set(),
  ): Generator<[string, Parameter]> {
    seen.add(this);
    for (const [name, value] of this.members()) {
      if (seen.has(value)) continue;
      seen.add(value);
      if (value instanceof Parameter) yield [joined(prefix, name), value];
      else if (recurse) yield* value.namedParameters(joined(prefix, name), true, seen);
    }
  }

  *parameters(recurse = true): Generator<Parameter> {
    if (recurse) this.nameParameters();
    for (const [, parameter] of this.namedParameters("", recurse)) yield parameter;
  }

  /** Buffers with their paths: state that is not learned, such as running means. */
  *namedBuffers(prefix = "", recurse = true): Generator<[string, Tensor]> {
    for (const [path, module] of recurse ? this.namedModules(prefix) : [[prefix, this] as const]) {
      for (const name of module.#buffers.keys()) {
        const value: unknown = Reflect.get(module, name);
        if (value instanceof Tensor) yield [joined(path, name), value];
      }
    }
  }

  *buffers(recurse = true): Generator<Tensor> {
    for (const [, buffer] of this.namedBuffers("", recurse)) yield buffer;
  }

  /** Makes field `name` hold a tensor that is part of the state but not learned; `persistent` ones are saved. */
  registerBuffer(name: string, tensor: Tensor | null, options: { readonly persistent?: boolean } = {}): void {
    this.#buffers.set(name, { persistent: options.persistent ?? true });
    Reflect.set(this, name, tensor);
  }

  /** Makes field `name` hold a parameter, as assigning it does. */
  registerParameter(name: string, parameter: Parameter | null): void {
    Reflect.set(this, name, parameter);
  }

  addModule(name: string, module: Module): void {
    Reflect.set(this, name, module);
  }

  /** Parameters and persistent buffers by path. The tensors share the module's elements. */
  stateDict(prefix = ""): StateDict {
    const state: StateDict = {};
    for (const [path, tensor] of this.#state(prefix)) state[path] = tensor.detach();
    return state;
  }

  /**
   * Copies values into parameters and buffers by path; `running_mean` and `runningMean` count as the same name.
   * @throws EngineError on a shape that differs and, unless `strict` is false, on missing or unexpected keys.
   */
  loadStateDict(state: StateDict, options: { readonly strict?: boolean } = {}): LoadResult {
    return load(this.constructor.name, new Map(this.#state("")), state, options.strict ?? true);
  }

  *#state(prefix: string): Generator<[string, Tensor]> {
    for (const [path, module] of this.namedModules(prefix)) {
      for (const [name, value] of module.members()) {
        if (value instanceof Parameter) yield [joined(path, module.stateName(name)), value];
      }
      for (const [name, { persistent }] of module.#buffers) {
        const value: unknown = Reflect.get(module, name);
        if (persistent && value instanceof Tensor) yield [joined(path, module.stateName(name)), value];
      }
    }
  }

  /** The name of a field in a state dict; the engine's own layers give PyTorch's. */
  protected stateName(field: string): string {
    return field;
  }

  train(mode = true): this {
    programObserver()?.modeSet(this, mode);
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  eval(): this {
    return this.train(false);
  }

  /** Runs `fn` on every module inside, then on this one. */
  apply(fn: (module: Module) => void): this {
    applyWithin(this, fn, new Set());
    return this;
  }

  zeroGrad(): void {
    programObserver()?.zeroed(this);
    for (const parameter of this.parameters()) parameter.grad = null;
  }

  requiresGrad_(flag = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(flag);
    return this;
  }

  /** Converts floating-point parameters and buffers, in place of their fields' tensors. The CPU changes nothing. */
  to(target: string | Device | { readonly dtype?: DType; readonly device?: string | Device }): this {
    const dtype = targetDType("to", target);
    if (dtype === null) return this;
    if (!isFloating(dtype)) {
      throw new EngineError("dtype", `to: parameters are floating-point, they cannot be ${dtype}`);
    }
    const converted = new Map<Tensor, Tensor>();
    for (const module of this.modules()) {
      for (const [name, value] of module.members()) {
        if (!(value instanceof Parameter) || value.dtype === dtype) continue;
        let parameter = converted.get(value);
        if (!parameter) {
          parameter = new Parameter(convertTo(value, dtype), value.requiresGrad);
          if (isUninitialized(value)) uninitialized(parameter);
          converted.set(value, parameter);
        }
        setAt(module, name, parameter);
      }
      for (const name of module.#buffers.keys()) {
        const value: unknown = Reflect.get(module, name);
        if (!(value instanceof Tensor) || !isFloating(value.dtype)) continue;
        const buffer = convertTo(value, dtype);
        Reflect.set(module, name, isUninitialized(value) ? uninitialized(buffer) : buffer);
      }
    }
    this.#named = false;
    return this;
  }

  float(): this {
    return this.to("float32");
  }

  double(): this {
    return this.to("float64");
  }

  /** This itself: there is one device. */
  cpu(): this {
    return this;
  }

  /** Calls `hook(module, args)` before each forward; an array that it returns takes the arguments' place. */
  registerForwardPreHook(hook: ForwardPreHook): RemovableHook {
    return this.#hooks.add("before", hook);
  }

  /** Calls `hook(module, args, output)` after each forward; what it returns takes the output's place. */
  registerForwardHook(hook: ForwardHook): RemovableHook {
    return this.#hooks.add("after", hook);
  }

  /**
   * Calls `hook(module, gradInput, gradOutput)` in the backward pass, when the gradients of the module's tensor
   * arguments are complete; an array that it returns takes their place.
   */
  registerFullBackwardHook(hook: BackwardHook): RemovableHook {
    return this.#hooks.add("backward", hook);
  }

  toString(): string {
    return describeModule(this);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return describeModule(this);
  }

  /** @internal */
  runWithHooks(forward: (...args: never[]) => unknown, args: readonly unknown[]): unknown {
    return this.#hooks.run(this, forward, args);
  }

  /** @internal Which call of this module it is in the pass under way. */
  nextCall(): number {
    return this.#calls.next();
  }

  /** @internal Where a module is inside this one; null when it is not. */
  pathOf(module: Module): string | null {
    const known = this.#paths?.get(module);
    if (known !== undefined) return known;
    return this.#readPaths().get(module) ?? null;
  }

  /** @internal Gives each parameter its path as its name. */
  nameParameters(): void {
    if (this.#named) return;
    this.#named = true;
    this.#readPaths();
  }

  #readPaths(): Map<Module, string> {
    this.#paths = new Map();
    for (const [path, module] of this.namedModules()) {
      wrapForward(module);
      this.#paths.set(module, path);
    }
    for (const [path, parameter] of this.namedParameters()) parameter.nameByPath(path, this);
    return this.#paths;
  }

  static {
    onLabel((value, name) => {
      if (!(#variable in value)) return;
      programObserver()?.moduleNamed(value, name);
      if (value.#variable === "") value.#variable = name;
      classByVariable.set(name, value.constructor.name);
    });
  }
}

/** The class of the module that was last assigned to each variable or field. */
const classByVariable = new Map<string, string>();

/** The class of the module that a variable or field of this name holds, as far as it was assigned where it was made. */
export function moduleClassOf(variable: string): string | null {
  return classByVariable.get(variable) ?? null;
}

/** Innermost first, each once: a module may hold one that it is part of. */
function applyWithin(module: Module, fn: (module: Module) => void, seen: Set<Module>): void {
  if (seen.has(module)) return;
  seen.add(module);
  for (const child of module.children()) applyWithin(child, fn, seen);
  fn(module);
}

function joined(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}.${name}`;
}

/** Sets the field that a member's name leads to, through arrays, objects and maps. */
function setAt(owner: object, name: string, value: unknown): void {
  const parts = name.split(".");
  let target = owner;
  for (const part of parts.slice(0, -1)) {
    target = (target instanceof Map ? target.get(part) : Reflect.get(target, part)) as object;
  }
  const last = parts[parts.length - 1]!;
  if (target instanceof Map) target.set(last, value);
  else Reflect.set(target, last, value);
}
