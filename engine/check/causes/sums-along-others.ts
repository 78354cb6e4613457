import { readElements } from "../../core/elements.ts";
import { broadcastsTo, sameShape } from "../../core/shape.ts";
import { isFloating, type Tensor } from "../../core/tensor.ts";
import { roleOf } from "../../ops/role.ts";
import { subsetsOf } from "./axes.ts";
import { axesOf, axesText } from "./other-axes.ts";
import { asFraction, largest } from "./suspect.ts";
import type { Difference, ForwardMistake, TracedSearch } from "./traced-search.ts";

/** Fewer elements could be told apart from too many terms. */
const FEWEST = 6;
const MOST_ELEMENTS = 4096;
const MOST_VALUES = 16;

/** A value at each probe. */
type Term = readonly Tensor[];

/**
 * In a gradient that has the sum or mean of a value along the axes of one in forward, as that of a normalisation has, the sum
 * runs along others: a · Σ b c is what it is off by, once along the one and once along the other axes, or two of them are. Here b c is a
 * contribution that the right backward makes, or one times a value of forward, and a is the product of two values at most.
 */
export function sumAlongOthers(search: TracedSearch): ForwardMistake | null {
  const { traced } = search;
  const { shape } = traced.input;
  const count = traced.input.numel();
  if (shape.length < 2 || count < FEWEST || count > MOST_ELEMENTS) return null;
  const values = traced.values
    .filter((value) => isFloating(value.dtype) && value.numel() > 1 && broadcastsTo(value.shape, shape))
    .slice(0, MOST_VALUES);
  const spread = (value: Tensor): Float64Array => readElements(value.expand(...shape));
  const single = values.map(spread);
  const factors = [
    new Float64Array(count).fill(1),
    ...single,
    ...single.flatMap((a, i) => single.slice(i).map((b) => a.map((value, e) => value * b[e]!))),
  ];
  const terms = termsOf(search, values);
  const [{ off }] = search.differences as [Difference];
  const size = largest(off);
  const at = off.findIndex((value) => Math.abs(value) === size);
  for (const [right, others] of reductionsOf(search)) {
    for (const used of others) {
      const both: Record<"mean" | "sum", Float64Array[][]> = { mean: [], sum: [] };
      for (const term of terms) {
        for (const reduce of ["mean", "sum"] as const) {
          if (search.isOver) return null;
          const apart = term.map((value) =>
            spread(value[reduce]([...used], true).sub(value[reduce]([...right], true))),
          );
          traced.work += 1 + count / MOST_ELEMENTS;
          if (factors.some((factor) => isOffBy(search, apart, factor, at))) return runsOver(used, right, false);
          both[reduce].push(apart);
        }
      }
      for (const aparts of Object.values(both)) {
        if (isOffByTwo(search, aparts, factors, at)) return runsOver(used, right, true);
      }
    }
  }
  return null;
}

function runsOver(used: Axes, right: Axes, isOfTwo: boolean): ForwardMistake {
  const text = isOfTwo
    ? `two sums or means in backward run over axis ${axesText(used)}, those of forward over axis ${axesText(right)}`
    : `the sum or mean in backward runs over axis ${axesText(used)}, that of forward over axis ${axesText(right)}`;
  return { kind: "missing-reduction", text };
}

/** Axes that forward sums along, and others of the input that it might have. */
function reductionsOf({ traced }: TracedSearch): readonly (readonly [Axes, readonly Axes[]])[] {
  const { rank } = traced.input;
  const found = new Map<string, Axes>();
  for (const node of traced.nodes) {
    if (!["sum", "mean", "variance", "norm"].includes(roleOf(node.op!.id)) || node.inputs[0]!.rank !== rank) continue;
    const { axes } = axesOf(node);
    if (axes.length > 0 && axes.length < rank) found.set(axes.join(), axes);
  }
  const all = Array.from({ length: rank }, (_, axis) => axis);
  const subsets = all.slice(0, -1).flatMap((_, at) => subsetsOf(all, at + 1));
  return [...found.values()].map((axes) => {
    // One axis too many comes first, then others in the place of as many.
    const rankOf = (other: Axes): number =>
      axes.every((axis) => other.includes(axis)) ? 0 : other.length === axes.length ? 1 : 2;
    const others = subsets.filter((other) => other.join() !== axes.join());
    return [axes, others.toSorted((a, b) => rankOf(a) - rankOf(b))];
  });
}

type Axes = readonly number[];

/** What is summed: contributions of the input's shape at both probes, each also times a value. */
function termsOf({ traced, differences }: TracedSearch, values: readonly Tensor[]): Term[] {
  const { shape } = traced.input;
  const [first, second] = differences as [Difference, Difference | undefined];
  const plain: Term[] = [];
  const seen = new Set<string>();
  const add = (a: Tensor, b: Tensor | undefined): void => {
    if (!sameShape(a.shape, shape) || b === undefined || plain.length >= MOST_VALUES) return;
    const key = String(readElements(a).slice(0, FEWEST));
    if (!seen.has(key)) plain.push([a, b]);
    seen.add(key);
  };
  for (const [i, { upstream, contribution }] of first.edges.entries()) {
    const other = second?.edges[i];
    add(upstream, other?.upstream);
    add(contribution, other?.contribution);
  }
  return [...plain, ...plain.flatMap((term) => values.map((value) => term.map((part) => part.mul(value))))];
}

/** Whether what is off, most of all at one place, is so many times `factor · apart`, the number being one that a person writes. */
function isOffBy(
  { differences }: TracedSearch,
  apart: readonly Float64Array[],
  factor: Float64Array,
  at: number,
): boolean {
  const number = differences[0]!.off[at]! / (apart[0]![at]! * factor[at]!);
  if (!Number.isFinite(number) || asFraction(number) === null) return false;
  return differences.every((difference, n) =>
    difference.off.every((value, e) => {
      const expected = number * apart[n]![e]! * factor[e]!;
      return Math.abs(value - expected) <= difference.allowed;
    }),
  );
}

/** Whether what is off is the sum or the difference of two such products: of both means that a normalisation subtracts. */
function isOffByTwo(
  { differences }: TracedSearch,
  aparts: readonly (readonly Float64Array[])[],
  factors: readonly Float64Array[],
  at: number,
): boolean {
  const [{ off, allowed }] = differences as [Difference];
  // The two must give what is off where that is most: of each product, the only one that can go with it is looked up there.
  const products = aparts.flatMap((apart, term) =>
    factors.map((factor, times) => ({ term, times, value: apart[0]![at]! * factor[at]! })),
  );
  products.sort((a, b) => a.value - b.value);
  const fits = (
    a: (typeof products)[number],
    b: (typeof products)[number],
    signs: readonly [number, number],
  ): boolean =>
    differences.every((difference, n) =>
      difference.off.every((value, e) => {
        const [first, second] = [a, b].map(({ term, times }) => aparts[term]![n]![e]! * factors[times]![e]!);
        return Math.abs(value - signs[0] * first! - signs[1] * second!) <= difference.allowed;
      }),
    );
  for (const first of products) {
    for (const signs of SIGNS) {
      const sought = signs[1] * (off[at]! - signs[0] * first.value);
      for (let i = firstFrom(products, sought - allowed); (products[i]?.value ?? Infinity) <= sought + allowed; i++) {
        if (fits(first, products[i]!, signs)) return true;
      }
    }
  }
  return false;
}

const SIGNS = [
  [1, 1],
  [-1, -1],
  [1, -1],
] as const;

/** Where the first of the products is that is so large or larger. */
function firstFrom(products: readonly { readonly value: number }[], least: number): number {
  let [low, high] = [0, products.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (products[middle]!.value < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
