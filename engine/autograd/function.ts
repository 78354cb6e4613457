import { EngineError } from "../context/engine-error.ts";
import { apply } from "../ops/apply.ts";
import { outputNode } from "../ops/output-of.ts";
import { alias } from "../ops/view-ops.ts";
import { runtime } from "../core/runtime.ts";
import { isFloating, Tensor } from "../core/tensor.ts";
import { captureStack } from "../context/call-stack.ts";
import { isGradEnabled, withGradMode, withinBackward, withinForward } from "../context/grad-mode.ts";
import { GradNode, type FunctionRecord, type FunctionReplay } from "../core/grad-node.ts";
import { assertWritable, rebase, snapshot } from "./in-place.ts";
import { randomState } from "../core/random-state.ts";
import { operandNames } from "./parameter-names.ts";
import { currentScope } from "../context/scope.ts";
import { currentSite, setCurrentSite } from "../context/site.ts";
import { writeTime } from "../core/storage.ts";

/** What a forward told of its tensors. */
interface Told {
  readonly dirty: ReadonlySet<Tensor>;
  readonly nonDifferentiable: ReadonlySet<Tensor>;
  readonly materializesGrads: boolean;
  readonly saved: readonly Tensor[];
}

/** Reads what is the engine's: whatever else a context has, under whatever name, the program has put there. */
let told: (context: Context) => Told;

/**
 * What a custom Function's forward leaves for its backward. Anything may be stored on it; tensors that the forward took
 * or returned belong into `saveForBackward`, which checks that they are not changed in between.
 */
export class Context {
  [name: string]: unknown;
  readonly #saved: { tensor: Tensor; at: number }[] = [];
  #needsInputGrad: readonly boolean[] = [];
  readonly #dirty = new Set<Tensor>();
  readonly #nonDifferentiable = new Set<Tensor>();
  #materializeGrads = true;
  #name = "";

  /** @internal */
  static create(name: string, needsInputGrad: readonly boolean[]): Context {
    const context = new Context();
    context.#name = name;
    context.#needsInputGrad = needsInputGrad;
    return context;
  }

  /** Keeps tensors for the backward. Call it once, from the forward. */
  saveForBackward(...tensors: readonly (Tensor | null)[]): void {
    this.#saved.length = 0;
    for (const tensor of tensors) if (tensor !== null) this.#saved.push({ tensor, at: writeTime() });
  }

  /** @throws EngineError when a saved tensor has been changed in place since. */
  get savedTensors(): Tensor[] {
    return this.#saved.map(({ tensor, at }) => {
      if (tensor.storage.writtenAt > at && !this.#dirty.has(tensor)) {
        throw new EngineError(
          "autograd",
          `${this.#name}: a tensor saved for backward was changed in place after it was saved`,
          {
            fix: "use the method without the trailing underscore, or clone() before the change",
            related: [{ message: "changed in place here", site: tensor.storage.lastWrite!.by }],
          },
        );
      }
      return tensor;
    });
  }

  /** For each argument of forward, whether its gradient is needed. */
  get needsInputGrad(): readonly boolean[] {
    return this.#needsInputGrad;
  }

  /** Tells that forward changed these inputs in place and returns them. */
  markDirty(...tensors: readonly Tensor[]): void {
    for (const tensor of tensors) this.#dirty.add(tensor);
  }

  /** Tells that these outputs have no gradient. */
  markNonDifferentiable(...tensors: readonly Tensor[]): void {
    for (const tensor of tensors) this.#nonDifferentiable.add(tensor);
  }

  /** Whether outputs that got no gradient are given as zeros (the default) or as null. */
  setMaterializeGrads(flag: boolean): void {
    this.#materializeGrads = flag;
  }

  static {
    told = (context) => ({
      dirty: context.#dirty,
      nonDifferentiable: context.#nonDifferentiable,
      materializesGrads: context.#materializeGrads,
      saved: context.#saved.map(({ tensor }) => tensor),
    });
  }
}

/** Every tensor that backward can read, under the name that it has there where it has none of its own. */
function keptOn(context: Context): readonly Tensor[] {
  const saved = told(context).saved.map((tensor, i) => named(tensor, `savedTensors[${i}]`));
  const stored = Object.entries(context).flatMap(([name, value]) =>
    value instanceof Tensor ? [named(value, `ctx.${name}`)] : [],
  );
  return [...saved, ...stored];
}

/** The tensor, or another over its elements that has a name: the program's own keeps none. */
function named(tensor: Tensor, name: string): Tensor {
  if (tensor.ownNode !== null || tensor.label !== "") return tensor;
  const other = new Tensor(tensor.storage, tensor.shape, tensor.strides, tensor.elementOffset);
  other.site = tensor.site;
  other.label = name;
  return other;
}

type Outputs = Tensor | readonly Tensor[];
type Cotangents = Tensor | null | readonly (Tensor | null)[];

/** The static side of a custom Function's class. */
export interface FunctionClass<Args extends readonly unknown[], Out extends Outputs> {
  readonly name: string;
  /**
   * Declares that the backward is meant not to be the derivative of the forward, as that of a straight-through estimator
   * or a gradient reversal; as a string, why. Such a Function is reported, not failed.
   */
  readonly surrogate?: string | boolean;
  forward(context: Context, ...args: Args): Out;
  backward(context: Context, ...cotangents: never[]): Cotangents;
}

/**
 * A function with a hand-written gradient. Subclasses define static `forward(ctx, ...args)` and
 * `backward(ctx, ...grads)` and are called by `apply`. PyTorch: `torch.autograd.Function`.
 */
export class Function {
  /** @throws EngineError always: PyTorch has not taken instances either since 1.3. */
  constructor() {
    throw new EngineError("autograd", `${new.target.name}: a Function is not made with new`, {
      fix: `make forward and backward static and call ${new.target.name}.apply(…); what they need comes as an argument`,
    });
  }

  /** Runs the forward without recording what is inside, and records it as one node. */
  static apply<Args extends readonly unknown[], Out extends Outputs>(
    this: FunctionClass<Args, Out>,
    ...args: { readonly [K in keyof Args]: Args[K] }
  ): Out {
    return applyFunction(this, args) as Out;
  }
}

/** Why a Function's gradient is meant not to be the derivative; null where it is meant to be. */
function surrogateOf({ surrogate }: Pick<FunctionClass<never[], Outputs>, "surrogate">): string | null {
  if (surrogate === undefined || surrogate === false) return null;
  return typeof surrogate === "string" ? surrogate : "its class says static surrogate";
}

function applyFunction(functionClass: FunctionClass<readonly unknown[], Outputs>, args: readonly unknown[]): Outputs {
  const { name } = functionClass;
  requireStatic(functionClass);
  const site = currentSite();
  const inputs = args.filter((arg) => arg instanceof Tensor);
  const context = Context.create(
    name,
    args.map((arg) => arg instanceof Tensor && arg.requiresGrad),
  );
  const draws: FunctionRecord["draws"] = { forward: randomState(), backward: null };
  const returned = withinForward(name, () => functionClass.forward(context, ...args));
  setCurrentSite(site);
  const outputs = outputsOf(name, returned);
  const single = returned instanceof Tensor;
  // What forward returns is no secret of the Function: it has a gradient, or is said to have none.
  for (const made of outputs) if (made.cut?.kind === "forward") made.cut = { ...made.cut, kind: "no-grad" };
  checkDirty(name, context, outputs, isGradEnabled() && inputs.some((input) => input.requiresGrad));
  if (!isGradEnabled() || !inputs.some((input) => input.requiresGrad)) return single ? outputs[0]! : outputs;

  const { dirty, nonDifferentiable } = told(context);
  // An input that comes back unchanged gets a tensor of its own, so that the node is not mistaken for the input's.
  const results = withGradMode(false, () =>
    outputs.map((output) => {
      if (!inputs.includes(output) || dirty.has(output)) return output;
      const copy = apply(alias, [output]);
      if (nonDifferentiable.has(output)) context.markNonDifferentiable(copy);
      return copy;
    }),
  );
  const differentiable = results.map((result) => isFloating(result.dtype) && !nonDifferentiable.has(result));
  if (!differentiable.includes(true)) return single ? results[0]! : results;

  const record: FunctionRecord = {
    name,
    outputCount: results.length,
    get operandNames() {
      return operandNames(functionClass, args, (arg) => arg instanceof Tensor);
    },
    surrogate: surrogateOf(functionClass),
    draws,
    backward: (cotangents) => {
      draws.backward = randomState();
      return runBackward(functionClass, context, args, cotangents, results, site);
    },
    replay: (tensors) => replay(functionClass, args, tensors, site),
    trace: (tensors) => {
      const { outputs, context } = withGradMode(true, () => runForward(functionClass, args, tensors));
      return { outputs, kept: keptOn(context) };
    },
    apply: (tensors) => {
      const returned = applyFunction(functionClass, withTensors(args, tensors));
      return returned instanceof Tensor ? [returned] : returned;
    },
  };
  const recordedInputs = inputs.map((input) => (dirty.has(input) ? snapshot(input) : input.version));
  const place = (result: Tensor, made: GradNode): void => {
    if (dirty.has(result)) rebase(result, made, null);
    else result.ownNode = made;
  };
  const first = results[differentiable.indexOf(true)]!;
  const node = new GradNode(null, record, {}, recordedInputs, first, site, currentScope());
  node.stack = captureStack();
  if (results.length === 1) {
    place(results[0]!, node);
    return single ? results[0]! : results;
  }
  // A node has one value on the tape; each of several outputs is a node of its own that takes its part of the tuple.
  const carrier = new Tensor(first.storage, first.shape, first.strides, first.elementOffset);
  carrier.ownNode = node;
  results.forEach((result, i) => {
    if (differentiable[i]) place(result, outputNode(carrier, result, i));
  });
  return results;
}

/** @throws EngineError when forward or backward is there, but not as a static method, or is not there at all. */
function requireStatic(functionClass: FunctionClass<readonly unknown[], Outputs>): void {
  if (typeof functionClass.forward === "function" && typeof functionClass.backward === "function") return;
  const { name } = functionClass;
  const owner = functionClass as unknown as { readonly prototype?: object };
  for (const method of ["forward", "backward"] as const) {
    if (typeof functionClass[method] === "function") continue;
    const asMethod = owner.prototype !== undefined && method in owner.prototype;
    throw new EngineError("autograd", `${name}: ${method} ${asMethod ? "is not static" : "is missing"}`, {
      fix: `write static ${method}(ctx, …) in the class`,
    });
  }
}

/** What a forward returned, as a list. @throws EngineError unless it is a tensor, or an array of tensors. */
function outputsOf(name: string, returned: unknown): readonly Tensor[] {
  if (returned instanceof Tensor) return [returned];
  const list: readonly unknown[] = Array.isArray(returned) ? returned : [returned];
  return list.map((output, i) => {
    if (output instanceof Tensor) return output;
    const found = output === undefined || output === null ? String(output) : `a ${typeof output}`;
    const where = Array.isArray(returned) ? ` at ${i}` : "";
    const fix = typeof output === "number" ? { fix: "a number carries no gradient: leave out .item()" } : {};
    throw new EngineError(
      "autograd",
      `${name}: forward must return a tensor, or an array of tensors; found ${found}${where}`,
      fix,
    );
  });
}

/** @throws EngineError when forward changed what it must not, or did not return what it changed. */
function checkDirty(name: string, context: Context, outputs: readonly Tensor[], recorded: boolean): void {
  for (const tensor of told(context).dirty) {
    assertWritable(name, tensor, recorded);
    if (!outputs.includes(tensor)) {
      throw new EngineError("autograd", `${name}: forward marked a tensor as dirty and did not return it`, {
        fix: "return every tensor that is given to markDirty",
      });
    }
  }
}

function runBackward(
  functionClass: FunctionClass<readonly unknown[], Outputs>,
  context: Context,
  args: readonly unknown[],
  cotangents: readonly (Tensor | null)[],
  results: readonly Tensor[],
  site: ReturnType<typeof currentSite>,
): (Tensor | null)[] {
  const { name } = functionClass;
  const given = cotangents.map((cotangent, i) => {
    if (cotangent !== null || !told(context).materializesGrads) return cotangent;
    return zerosLike(results[i]!);
  });
  const returned: unknown = withinBackward(name, () => functionClass.backward(context, ...(given as never[])));
  setCurrentSite(site);
  if (returned === undefined) {
    throw new EngineError("autograd", `${name}: backward returned nothing`, {
      site,
      fix: "return the gradient, or null where there is none: is a return missing?",
    });
  }
  const list: readonly (Tensor | null | undefined)[] = Array.isArray(returned)
    ? (returned as readonly (Tensor | null)[])
    : [returned as Tensor | null];
  // PyTorch allows trailing nulls beyond the arguments, and nothing else to be off.
  const extra = list.slice(args.length).some((value) => value !== null && value !== undefined);
  if (list.length < args.length || extra) {
    throw new EngineError(
      "autograd",
      `${name}: backward returned ${list.length} gradient${list.length === 1 ? "" : "s"}, but forward takes ${args.length} argument${args.length === 1 ? "" : "s"}`,
      { site, fix: "return one entry per argument, null for what is not a tensor" },
    );
  }
  const forInputs: (Tensor | null)[] = [];
  args.forEach((arg, i) => {
    const cotangent = list[i] ?? null;
    if (cotangent !== null && !(cotangent instanceof Tensor)) {
      throw new EngineError("autograd", `${name}: backward returned something that is not a tensor for argument ${i}`, {
        site,
      });
    }
    if (arg instanceof Tensor) forInputs.push(cotangent);
    else if (cotangent !== null) {
      throw new EngineError(
        "autograd",
        `${name}: backward returned a gradient for argument ${i}, which is not a tensor`,
        {
          site,
          fix: "return null there",
        },
      );
    }
  });
  return forInputs;
}

/** Arguments with other tensors in the places of the tensors among them. */
function withTensors(args: readonly unknown[], tensors: readonly Tensor[]): readonly unknown[] {
  let next = 0;
  return args.map((arg) => (arg instanceof Tensor ? tensors[next++] : arg));
}

/** The Function once more, with other tensors in the places of its tensor arguments. */
function replay(
  functionClass: FunctionClass<readonly unknown[], Outputs>,
  args: readonly unknown[],
  tensors: readonly Tensor[],
  site: ReturnType<typeof currentSite>,
): FunctionReplay {
  const { outputs, context, replaced } = withGradMode(false, () => runForward(functionClass, args, tensors));
  return {
    outputs,
    backward: (cotangents) =>
      withGradMode(false, () => runBackward(functionClass, context, replaced, cotangents, outputs, site)),
  };
}

function runForward(
  functionClass: FunctionClass<readonly unknown[], Outputs>,
  args: readonly unknown[],
  tensors: readonly Tensor[],
): { readonly outputs: readonly Tensor[]; readonly context: Context; readonly replaced: readonly unknown[] } {
  const replaced = withTensors(args, tensors);
  const context = Context.create(
    functionClass.name,
    args.map((arg) => arg instanceof Tensor && arg.requiresGrad),
  );
  return { outputs: outputsOf(functionClass.name, functionClass.forward(context, ...replaced)), context, replaced };
}

function zerosLike(tensor: Tensor): Tensor {
  const zeros = Tensor.empty(tensor.shape, tensor.dtype);
  runtime.kernels.fill(zeros, 0);
  return zeros;
}
