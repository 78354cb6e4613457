import { EngineError } from "../../context/engine-error.ts";
import type { Numbers, RanOp } from "../../reading/foreign-pass.ts";
import type { TapeOp } from "./tape-recorder.ts";
import type { TfEngine, TfInputs, TfTensor } from "./tfjs-engine.ts";

/**
 * Runs a recorded op again on other operands, and its gradient for cotangents of its results, as tfjs itself would. tfjs computes
 * in float32. Whoever calls this puts the engine's state back: see {@link setAside}.
 */
export function runAgain(
  engine: TfEngine,
  op: TapeOp,
  inputs: readonly Numbers[],
  cotangents: readonly (Numbers | null)[] | null,
): RanOp {
  try {
    return runOnTape(engine, op, inputs, cotangents);
  } catch (error) {
    // What tfjs says of a tensor without elements.
    if (!(error instanceof TypeError) || !error.message.includes("'backend'")) throw error;
    throw new EngineError("request", "it reads a tensor that was disposed after the pass, so it cannot be run again");
  }
}

function runOnTape(
  engine: TfEngine,
  op: TapeOp,
  inputs: readonly Numbers[],
  cotangents: readonly (Numbers | null)[] | null,
): RanOp {
  const { state } = engine;
  return engine.tidy(() => {
    const given = op.inputs.map(([, { dtype }], i) =>
      engine.makeTensor(arrayOf(inputs[i]!.values, dtype), inputs[i]!.shape, dtype),
    );
    engine.startTape();
    const ran = run(engine, op, given);
    engine.endTape();
    const results = Array.isArray(ran) ? (ran as readonly TfTensor[]) : [ran as TfTensor];
    const outputs = results.map((tensor) => numbersOf(engine, tensor));
    const node = state.activeTape?.find((one) => one.outputs.includes(results[0]!));
    try {
      if (cotangents === null) return { outputs, gradients: null };
      if (node?.gradient === undefined) throw new Error(`${op.kernel} has no gradient`);
      const gradients = node.gradient(
        results.map((result, i) => {
          const cotangent = cotangents[i];
          return cotangent ? engine.makeTensor(Float32Array.from(cotangent.values), result.shape, "float32") : null;
        }),
      );
      const passedBack = ([name, { dtype }]: TapeOp["inputs"][number]): Numbers | null =>
        name in gradients && dtype === "float32" ? numbersOf(engine, gradients[name]!()) : null;
      return { outputs, gradients: op.inputs.map(passedBack) };
    } finally {
      for (const tensor of node?.saved ?? []) tensor.dispose();
    }
  });
}

/** Sets aside what the engine is in the middle of. @returns what puts it back, also when code was ended in the middle */
export function setAside(engine: TfEngine): () => void {
  const { state } = engine;
  const { activeTape, gradientDepth, kernelDepth, scopeStack, activeScope } = state;
  const { runKernel } = engine;
  const scopes = [...scopeStack];
  Object.assign(state, { activeTape: null, gradientDepth: 0, kernelDepth: 0 });
  return () => {
    engine.runKernel = runKernel;
    scopeStack.splice(0, Infinity, ...scopes);
    Object.assign(state, { activeTape, gradientDepth, kernelDepth, activeScope });
  };
}

function run(engine: TfEngine, op: TapeOp, given: readonly TfTensor[]): TfTensor | readonly TfTensor[] {
  if (op.custom === null) return engine.runKernel(op.kernel, named(op, given), op.attributes);
  const call = op.custom.op!;
  if (!op.custom.isInTfjs) return call(...given);
  // Those in tfjs read the tensors of the call around them rather than their own arguments, which are the same ones.
  const inTheirPlace = new Map(op.inputs.map(([, { id }], i) => [id, given[i]!]));
  const { runKernel } = engine;
  engine.runKernel = (kernel, inputs, attributes) => {
    const replaced = Object.entries(inputs).map(
      ([name, tensor]) => [name, (tensor && inTheirPlace.get(tensor.id)) ?? tensor] as const,
    );
    const own: TfInputs = Object.fromEntries(replaced);
    return runKernel.call(engine, kernel, Array.isArray(inputs) ? listed(Object.values(own)) : own, attributes);
  };
  try {
    return call(...given);
  } finally {
    engine.runKernel = runKernel;
  }
}

function named(op: TapeOp, tensors: readonly TfTensor[]): TfInputs {
  if (op.isList) return listed(tensors);
  return Object.fromEntries(op.inputs.map(([name], i) => [name, tensors[i]!]));
}

function arrayOf(values: Float64Array, dtype: TfTensor["dtype"]): ArrayLike<number> {
  if (dtype === "int32") return Int32Array.from(values);
  return dtype === "bool" ? Uint8Array.from(values) : Float32Array.from(values);
}

function numbersOf(engine: TfEngine, tensor: TfTensor): Numbers {
  const values = engine.readSync(tensor.dataId) as ArrayLike<number>;
  return { shape: [...tensor.shape], values: Float64Array.from(values) };
}

/** Tensors for a kernel that takes any number of them: it is given an array. */
function listed(tensors: readonly (TfTensor | null | undefined)[]): TfInputs {
  return tensors as unknown as TfInputs;
}
