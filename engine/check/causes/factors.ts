import { broadcastsTo, sameShape } from "../../core/shape.ts";
import { readElements } from "../../core/elements.ts";
import { isFloating, type Tensor } from "../../core/tensor.ts";
import { asFraction, isSimple, largest, timesOf } from "./suspect.ts";
import { CONSTANT, isNamed, type Difference, type ForwardMistake, type TracedSearch } from "./traced-search.ts";

/** A value of the forward, repeated to the shape of the input. */
interface Factor {
  readonly name: string;
  readonly elements: Float64Array;
  /** It is the same for every element. */
  readonly isConstant: boolean;
}

/** Powers of one value that all of a gradient may be off by, and what that says of it. */
const POWERS: readonly (readonly [power: number, text: (value: string) => string])[] = [
  [-1, (value) => `the factor ${value} is left out: every element of the gradient lacks it`],
  [1, (value) => `a division by ${value} is left out: every element of the gradient lacks it`],
  [2, (value) => `every element of the gradient is multiplied by ${value} where it must be divided`],
  [-2, (value) => `every element of the gradient is divided by ${value} where it must be multiplied`],
  [-0.5, (value) => `a factor √${value} is left out: every element of the gradient lacks it`],
  [0.5, (value) => `a division by √${value} is left out: every element of the gradient lacks it`],
];

/** Values that stand in the place of others come as such powers of their quotient. */
const QUOTIENTS = [1, 0.5, 2, 1.5] as const;
const MOST_FACTORS = 40;

/** All of the gradient lacks a factor that the forward has, has one too many, or has another in its place. */
export function factorOfAll(search: TracedSearch): ForwardMistake | null {
  const factors = factorsOf(search);
  return powerOfOne(search, factors) ?? factorAndNumber(search, factors);
}

/** The same of values of one element alone: a number of times the gradient that is such a value is no number by itself. */
export function valueOfAll(search: TracedSearch): ForwardMistake | null {
  return powerOfOne(
    search,
    factorsOf(search).filter(({ isConstant, name }) => isConstant && name !== CONSTANT),
  );
}

function powerOfOne(search: TracedSearch, factors: readonly Factor[]): ForwardMistake | null {
  const isOff = isOffBy(search);
  for (const [power, text] of POWERS) {
    const found = factors.find(({ elements }) => isOff((e) => elements[e]! ** power));
    if (found === undefined) continue;
    const mistake = { kind: "activation-derivative", text: text(found.name), isOfAll: true } as const;
    return found.isConstant ? { ...mistake, isValue: true } : mistake;
  }
  return null;
}

/** A factor of the forward and a number with it: the derivative of a root lacks 1 / (2 y). */
function factorAndNumber(search: TracedSearch, factors: readonly Factor[]): ForwardMistake | null {
  const isOff = isOffBy(search);
  const [{ probe, right }] = search.differences as [Difference];
  const size = largest(right);
  const at = right.findIndex((value) => Math.abs(value) === size);
  for (const [power, text] of POWERS) {
    for (const { name, elements } of factors.filter((factor) => factor.name !== CONSTANT)) {
      const number = probe.given[at]! / (right[at]! * elements[at]! ** power);
      if (asFraction(number) === null || !isOff((e) => number * elements[e]! ** power)) continue;
      const besides = `, and is ${timesOf(number)} what it would be with it`;
      return { kind: "activation-derivative", text: text(name) + besides };
    }
  }
  return null;
}

/** All of the gradient has a power of one value where that of another belongs, as where an epsilon is forgotten. */
export function quotientOfAll(search: TracedSearch): ForwardMistake | null {
  const factors = factorsOf(search);
  const isOff = isOffBy(search);
  for (const a of factors) {
    for (const b of factors) {
      if (a === b) continue;
      for (const power of QUOTIENTS) {
        if (!isOff((e) => (a.elements[e]! / b.elements[e]!) ** power)) continue;
        const what =
          power === 1
            ? `${a.name} / ${b.name}`
            : power === 0.5
              ? `√(${a.name} / ${b.name})`
              : `a power of ${a.name} / ${b.name}`;
        if (a.name === b.name) {
          const step = a.name.replace("the result of ", "");
          const text = `every element of the gradient has one of two results of ${step} where the other belongs`;
          return { kind: "activation-derivative", text };
        }
        const text = `every element of the gradient is off by the factor ${what}: it is divided by ${b.name} where ${a.name} belongs, or multiplied the other way round`;
        return { kind: "activation-derivative", text };
      }
    }
  }
  return null;
}

/** Whether all of the gradient is so many times the right one. */
export function isOffBy({ differences }: TracedSearch): (ratio: (e: number) => number) => boolean {
  return (ratio) =>
    differences.every(({ probe: { given }, right, allowed }) =>
      given.every((returned, e) => Math.abs(returned - right[e]! * ratio(e)) <= allowed),
    );
}

/** Values that are not the same everywhere, and single numbers that nobody would write as a constant. */
function factorsOf({ traced, names }: TracedSearch): Factor[] {
  const { shape } = traced.input;
  const factors: Factor[] = [];
  for (const value of traced.values) {
    if (!isFloating(value.dtype) || factors.length >= MOST_FACTORS) continue;
    const spread = spreadTo(value, shape);
    if (spread === null) continue;
    const elements = readElements(spread);
    const isConstant = elements.every((element) => element === elements[0]);
    if (isConstant && (elements.length === 0 || isSimple(elements[0]!))) continue;
    factors.push({ name: names.value(value), elements, isConstant });
  }
  return factors;
}

/** What comes through one operand of one step has a factor of the forward too many, or lacks one. */
export function factorInPart(search: TracedSearch): ForwardMistake | null {
  const { traced, names } = search;
  const values = traced.values.filter((value) => isFloating(value.dtype));
  const [named, made] = [values.filter(isNamed), values.filter((value) => !isNamed(value))];
  for (const [candidates, powers] of [
    [named, [-1, 1, -2, 2]],
    [made, [-1, 1]],
  ] as const) {
    for (const [i, { node, input, contribution }] of search.edges.entries()) {
      const tensor = node.inputs[input]!;
      for (const value of candidates) {
        if (search.isOver) return null;
        if (!broadcastsTo(value.shape, contribution.shape)) continue;
        const power = powers.find((to) =>
          search.explains(({ edges }) => {
            const own = edges[i]!.contribution;
            return traced.from(tensor, own.mul(value.pow(to)).sub(own));
          }),
        );
        if (power === undefined) continue;
        const step = names.step(node);
        const what = node.inputs.length > 1 ? `${names.value(tensor)}, an operand of ${step},` : step;
        const factor = `${names.value(value)}${Math.abs(power) === 2 ? "²" : ""}`;
        const text = `what comes through ${what} must be ${power > 0 ? "divided" : "multiplied"} by ${factor}, and is not`;
        return { kind: "activation-derivative", text };
      }
    }
  }
  return null;
}

/** A tensor repeated along the axes of a shape that it lacks, of which one may be any; null where it does not fit. */
export function spreadTo(value: Tensor, shape: readonly number[]): Tensor | null {
  if (sameShape(value.shape, shape)) return value;
  if (broadcastsTo(value.shape, shape)) return value.expand(...shape).contiguous();
  for (let axis = 0; axis < shape.length && value.rank === shape.length - 1; axis++) {
    const kept = value.unsqueeze(axis);
    if (broadcastsTo(kept.shape, shape)) return kept.expand(...shape).contiguous();
  }
  return null;
}
