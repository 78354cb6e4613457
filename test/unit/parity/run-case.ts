import { compileFunction } from "node:vm";

import * as backstep from "../../../engine/index.ts";
import { Tensor } from "../../../engine/index.ts";
import { EngineError } from "../../../engine/context/engine-error.ts";
import { compareOutput, compareTensor } from "./compare.ts";
import { toTensor, type FixtureResult, type ParityCase, type RefusedCase, type ValueCase } from "./fixture.ts";

const REFUSALS: ReadonlySet<string> = new Set(["shape", "dtype", "value", "autograd"]);

/** What is different from PyTorch, a line each; empty when nothing is. */
export function runCase(parityCase: ParityCase): readonly string[] {
  const inputs = Object.fromEntries(
    Object.entries(parityCase.inputs).map(([name, fixture]) => [name, toTensor(fixture)]),
  );
  return "throws" in parityCase ? runRefused(parityCase, inputs) : runValue(parityCase, inputs);
}

function evaluate(code: string, inputs: Readonly<Record<string, Tensor>>): unknown {
  const names = { ...backstep, ...inputs };
  // A scope of its own: a case may name a variable as the engine names a function.
  const body = /\breturn\b|;/.test(code) ? `return (() => { ${code} })();` : `return (${code});`;
  const run = compileFunction(body, Object.keys(names)) as (...values: unknown[]) => unknown;
  return run(...Object.values(names));
}

function runRefused(parityCase: RefusedCase, inputs: Readonly<Record<string, Tensor>>): readonly string[] {
  try {
    evaluate(parityCase.code, inputs);
  } catch (error) {
    if (!(error instanceof EngineError)) return [`refused by ${String(error)}, which is no EngineError`];
    const message = error.message.replaceAll(" ", "");
    const missing = parityCase.mentions.filter(
      (text) => !message.includes(text.replaceAll(" ", "").replace(/^F\./, "")),
    );
    return [
      ...missing.map((text) => `the message lacks "${text}": ${error.message}`),
      // Whether a wrong size is a fault of shape or of value is a matter of taste; that it is one of these is not.
      ...(REFUSALS.has(error.kind) ? [] : [`expected kind ${parityCase.throws}, got ${error.kind}`]),
    ];
  }
  return [`accepted; PyTorch refuses it (${parityCase.throws})`];
}

function runValue(parityCase: ValueCase, inputs: Readonly<Record<string, Tensor>>): readonly string[] {
  const { tolerance } = parityCase;
  let result: unknown;
  try {
    result = evaluate(parityCase.code, inputs);
  } catch (error) {
    return [`threw ${String(error)}`];
  }
  const made = isModuleResult(result) ? result : { outputs: result, leaves: {} };
  const outputs = flatten(made.outputs);
  if (outputs.length !== parityCase.outputs.length) {
    return [`expected ${parityCase.outputs.length} outputs, got ${outputs.length}`];
  }
  const differences = parityCase.outputs.map((expected, i) =>
    compareOutput(`output ${i}`, expected, outputs[i], tolerance),
  );
  if (parityCase.grads !== undefined) {
    const leaves = { ...inputs, ...nameLeaves(made.leaves) };
    try {
      differences.push(...compareDerivatives(parityCase, parityCase.grads, outputs, leaves));
    } catch (error) {
      differences.push(`backward threw ${String(error)}`);
    }
  }
  return differences.filter((difference) => difference !== null);
}

/** The case's outputs, for inputs of one's own, as one number to differentiate; null when nothing depends on a leaf. */
export function lossOfCase({ code, second }: ValueCase, inputs: Readonly<Record<string, Tensor>>): Tensor | null {
  const result = evaluate(code, inputs);
  const made = isModuleResult(result) ? result : { outputs: result, leaves: {} };
  const loss = weightedSum(flatten(made.outputs));
  if (loss === null || second === undefined) return loss;
  const leaves = Object.values({ ...inputs, ...nameLeaves(made.leaves) }).filter((leaf) => leaf.requiresGrad);
  const gradients = backstep.autograd.grad(loss, leaves, { createGraph: true, allowUnused: true });
  return weightedSum(gradients) ?? loss;
}

function compareDerivatives(
  parityCase: ValueCase,
  grads: NonNullable<ValueCase["grads"]>,
  outputs: readonly unknown[],
  leaves: Readonly<Record<string, Tensor>>,
): (string | null)[] {
  const { second, tolerance } = parityCase;
  const names = Object.keys(grads);
  const missing = names.filter((name) => leaves[name] === undefined);
  if (missing.length > 0) return [`no leaf ${missing.join(", ")} among ${Object.keys(leaves).join(", ")}`];
  // A case may have run passes of its own: what they left is not of this one.
  for (const name of names) leaves[name]!.grad = null;
  const total = weightedSum(outputs);
  if (total === null) return ["no output depends on a leaf"];
  if (second === undefined) {
    total.backward();
    return names.map((name) => compareGradient(`gradient of ${name}`, grads[name]!, leaves[name]!.grad, tolerance));
  }
  const reached = names.filter((name) => grads[name] !== null);
  const first = backstep.autograd.grad(
    total,
    reached.map((name) => leaves[name]!),
    { createGraph: true },
  );
  const differences = reached.map((name, i) =>
    compareGradient(`gradient of ${name}`, grads[name]!, first[i]!, tolerance),
  );
  // Where the gradients are constants PyTorch may still record them; their derivative is zero either way.
  weightedSum(first)?.backward();
  for (const name of names) {
    const { grad } = leaves[name]!;
    const expected = second[name] ?? null;
    // PyTorch leaves a gradient out where it knows it to be zero; knowing less is no fault.
    if (isZero(expected) && isZero(grad)) continue;
    differences.push(compareGradient(`second derivative to ${name}`, expected, grad, tolerance));
  }
  return differences;
}

function compareGradient(
  what: string,
  expected: FixtureResult | null,
  actual: Tensor | null,
  tolerance: ValueCase["tolerance"],
): string | null {
  if (expected !== null) return compareTensor(what, expected, actual, tolerance);
  return actual === null ? null : `${what}: expected none, got one`;
}

/**
 * The sum of the floating tensors that depend on a leaf, number k weighted with cos(0.7 i + 0.3 + k) at position i;
 * null when none does.
 */
function weightedSum(values: readonly unknown[]): Tensor | null {
  const terms: Tensor[] = [];
  values.forEach((value, k) => {
    if (!(value instanceof Tensor) || !value.requiresGrad) return;
    const data = Array.from({ length: value.numel() }, (_, i) => Math.cos(0.7 * i + 0.3 + k));
    const weight = toTensor({ dtype: value.dtype, shape: value.shape, data });
    terms.push(value.mul(weight).sum());
  });
  const [first, ...rest] = terms;
  return first === undefined ? null : rest.reduce((sum, term) => sum.add(term), first);
}

function isZero(gradient: Tensor | FixtureResult | null): boolean {
  if (gradient === null) return true;
  if ("samples" in gradient) return gradient.magnitude === 0;
  const values = gradient instanceof Tensor ? gradient.toArray() : gradient.data;
  return values.every((value) => value === 0);
}

interface ModuleResult {
  readonly outputs: unknown;
  readonly leaves: Readonly<Record<string, Tensor>> | Iterable<Tensor>;
}

function isModuleResult(result: unknown): result is ModuleResult {
  return typeof result === "object" && result !== null && "outputs" in result && "leaves" in result;
}

/** The parameters of a module are p0, p1 … in their order. */
function nameLeaves(leaves: ModuleResult["leaves"]): Record<string, Tensor> {
  if (!(Symbol.iterator in leaves)) return leaves;
  return Object.fromEntries([...leaves].map((leaf, i) => [`p${i}`, leaf]));
}

/** Tensors and numbers of a result, in order; `{ values, indices }` counts as two. */
function flatten(result: unknown): readonly unknown[] {
  if (result instanceof Tensor || typeof result !== "object" || result === null) return [result];
  if (Array.isArray(result)) return result.flatMap(flatten);
  if ("values" in result && "indices" in result) return [result.values, result.indices];
  return [result];
}
