import { TracedForward } from "../../check/causes/traced-forward.ts";
import type { ExaminedOperand } from "../../check/causes/examined-op.ts";
import { largest } from "../../check/causes/suspect.ts";
import { withGradMode } from "../../context/grad-mode.ts";
import { currentSite, setCurrentSite } from "../../context/site.ts";
import { fromNumbers } from "../../core/creation.ts";
import { sameShape } from "../../core/shape.ts";
import { readElements } from "../../core/elements.ts";
import type { Tensor } from "../../core/tensor.ts";
import { apply } from "../../ops/apply.ts";
import { opById } from "../../ops/op.ts";
import type { DType } from "../../protocol/dtype.ts";
import type { SiteId } from "../../protocol/ids.ts";
import { HELD_AS, type RecordedDType } from "../../protocol/recorded-dtype.ts";
import type { Attributes } from "../../recording/attributes.ts";
import type { AtenCall, Candidate } from "./aten-call.ts";
import { compositesOf, type Composite } from "./aten-composites.ts";
import { candidateOf } from "./aten-records.ts";

/** A call of torch in a Function's forward. Values are numbered: operands, then others, then results of steps, then what was only kept. */
export interface PythonStep {
  readonly name: string;
  /** What it was given besides tensors. */
  readonly given: Attributes;
  readonly inputs: readonly number[];
  /** Which of its outputs, and the number of that value. */
  readonly results: readonly (readonly [output: number, value: number])[];
  /** A number for the place that it is written at; 0 where nobody knows. */
  readonly site: number;
  readonly line: number | null;
  /** The expression that makes it, where that is short; else empty. */
  readonly text: string;
  /** What the script calls its outputs. */
  readonly labels: readonly string[];
}

/** A custom Function's forward as the recorder has run it, call by call, in float64. */
export interface PythonForward {
  readonly operands: readonly (ExaminedOperand & { readonly dtype: string })[];
  readonly steps: readonly PythonStep[];
  /** Names of what the steps read that none of them made. */
  readonly others: readonly string[];
  /** Names of what forward kept for backward, where it is none of these nor a step's result: the last values. */
  readonly kept: readonly string[];
  /** Of all values but the operands. */
  readonly values: readonly {
    readonly shape: readonly number[];
    readonly dtype: string;
    readonly elements: Float64Array;
  }[];
  /** The values that it returns; null for one that no step has made. */
  readonly outputs: readonly (number | null)[];
}

/** How closely one of our ops must give what torch's gave, as a share of the largest element. */
const TOLERANCE = 1e-9;

/**
 * The forward in ops of the engine, which have rules that can be changed: each step whose record gives the value that torch
 * gave. What has none stands there as numbers; whoever reads the gradient must see whether anything flows through it.
 * @param wrong the operand that is examined
 * @returns null where an output is none of the values
 */
export function tracedForward(forward: PythonForward, wrong: number): TracedForward | null {
  const { operands, steps, others, kept, values, outputs } = forward;
  const tensors = [
    ...operands.map((operand) => {
      const leaf = fromNumbers(operand.values, operand.shape, heldAs(operand.dtype));
      leaf.label = operand.name;
      return operand.isFloating ? leaf.requiresGrad_() : leaf;
    }),
    ...others.map((name, i) => {
      const other = constant(values[i]!);
      other.label = name;
      return other;
    }),
  ];
  const first = operands.length;
  for (const step of steps) {
    for (const [output, at] of step.results) {
      const value = values[at - first]!;
      const made = resultOf(step, output, tensors, value) ?? constant(value);
      made.label = step.labels[output] ?? "";
      tensors[at] = made;
    }
  }
  if (outputs.includes(null)) return null;
  const onlyKept = values.slice(values.length - kept.length).map((value, i) => {
    const tensor = constant(value);
    tensor.label = kept[i]!;
    return tensor;
  });
  return new TracedForward(
    outputs.map((output) => tensors[output!]!),
    tensors[wrong]!,
    [...tensors.slice(0, first), ...onlyKept],
  );
}

type Value = PythonForward["values"][number];

function constant({ shape, dtype, elements }: Value): Tensor {
  return fromNumbers(elements, shape, heldAs(dtype));
}

function heldAs(dtype: string): DType {
  return HELD_AS[dtype as RecordedDType] ?? "float64";
}

/** What our record makes of a step's inputs; null where there is none, or it makes something else than torch did. */
function resultOf(step: PythonStep, output: number, tensors: readonly Tensor[], value: Value): Tensor | null {
  const inputs = step.inputs.map((input) => tensors[input]!);
  const call: AtenCall = {
    name: step.name,
    given: step.given,
    inputs: inputs.map(({ shape }) => ({ shape })),
    shape: value.shape,
    dtype: heldAs(value.dtype),
  };
  const found = step.results.length > 1 || output > 0 ? null : candidateOf(call);
  for (const composite of [...(found ? [recordOf(found, inputs.length)] : []), ...compositesOf(call, output)]) {
    const made = composite && applied(composite, inputs, step.site);
    if (made && isThatOf(made, value)) return made;
  }
  return null;
}

function recordOf({ record, attributes }: Candidate, operands: number): Composite | null {
  const op = opById(record);
  if (!op || (typeof op.vjp !== "function" && op.vjp.length !== operands)) return null;
  return (inputs) => apply(op, inputs, attributes);
}

function applied(composite: Composite, inputs: readonly Tensor[], site: number): Tensor | null {
  const before = currentSite();
  setCurrentSite(site as SiteId);
  try {
    return withGradMode(true, () => composite(inputs));
  } catch {
    // Our ops refuse these inputs.
    return null;
  } finally {
    setCurrentSite(before);
  }
}

function isThatOf(made: Tensor, { shape, elements }: Value): boolean {
  if (!sameShape(made.shape, shape)) return false;
  const allowed = TOLERANCE * Math.max(largest(elements), Number.MIN_VALUE);
  return readElements(made).every(
    (ours, i) => Object.is(ours, elements[i]) || Math.abs(ours - elements[i]!) <= allowed,
  );
}
