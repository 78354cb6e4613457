import { runtime } from "../core/runtime.ts";
import { elementCount } from "../core/shape.ts";
import { readElements } from "../core/elements.ts";
import type { View } from "../core/view.ts";
import type { Site } from "../protocol/site.ts";
import { addendsOf, type Addend } from "./addends.ts";
import { bareLayersOf, type BareLayer } from "./bare-layers.ts";
import { classesOf, type ClassSample } from "./class-sample.ts";
import { codeOf, type CodeSample } from "./code-sample.ts";
import { likelihoodOf, type LikelihoodSample } from "./likelihood-sample.ts";
import { batchOf, type BatchSample } from "./takings.ts";
import { stretchOf, type StretchSample } from "./stretch-sample.ts";
import { firstNotFinite, type NotFinite } from "./first-not-finite.ts";
import type { ExaminedPass } from "./rule.ts";
import type { PassView } from "./pass-view.ts";

/** A layer as it was in one pass. */
export interface LayerSample {
  readonly row: number;
  readonly site: Site | null;
  readonly callSite: Site | null;
  readonly name: string;
  readonly weight: number;
  readonly weightName: string;
  /** Root of the mean square of the weight's elements, times the root of the number of inputs: about 1 after a good start; NaN of a product. */
  readonly gain: number;
  /** Of a product, the root mean squares of what goes in and what comes out; others have their gain. */
  readonly written: { readonly before: number; readonly after: number } | null;
  /** Whether all elements of the weight are one number, and, of zeros, whether no gradient tells its units apart. */
  readonly isConstant: boolean;
  /** Whether some of its units have other weights than the first; of a weight too large to read, that is taken for granted. */
  readonly unitsDiffer: boolean;
  readonly weightGradient: number;
  readonly weightNorm: number;
  /** The root mean square of the data that goes in; NaN where it is another layer's result, or of a product. */
  readonly inputRms: number;
  readonly inputMost: number;
  /** Norm of the gradient that arrives at the result. */
  readonly gradient: number;
  /** How many layers lie between it and the loss, at least, and at most: shortcuts go around some. */
  readonly depth: number;
  readonly longest: number;
}

/** A rectifier's units in one pass. */
export interface RectifierSample {
  readonly row: number;
  readonly site: Site | null;
  readonly units: number;
  readonly dead: number;
  readonly examples: number;
}

/** A parameter that holds what is not finite. */
export interface SpoiltParameter {
  readonly row: number;
  readonly what: NotFinite["what"];
  readonly parameter: number;
  readonly name: string;
  readonly count: number;
  readonly of: number;
}

/** The numbers of one pass that findings about the course of a training argue from. */
export interface PassSample {
  readonly pass: number;
  readonly loss: number;
  readonly rows: number;
  /** The numbers that the whole loss is multiplied with. */
  readonly rootFactor: number;
  /** Where backward() was called. */
  readonly calledAt: Site | null;
  readonly addends: readonly Addend[];
  readonly code: CodeSample | null;
  readonly classes: ClassSample | null;
  readonly likelihood: LikelihoodSample | null;
  readonly layers: readonly LayerSample[];
  readonly rectifiers: readonly RectifierSample[];
  /** What made the loss NaN or infinite, where that is a parameter. */
  readonly spoilt: SpoiltParameter | null;
  readonly stretch: StretchSample | null;
  readonly batch: (BatchSample & { readonly site: Site | null }) | null;
  /** Layers with no activation before them, and the numbers of all parameters of the pass. */
  readonly bare: readonly BareLayer[];
  readonly weights: ReadonlySet<number>;
}

/** Weights with more elements are not compared unit by unit. */
const MOST_COMPARED = 1 << 14;
/** A unit must have been off for this many inputs to be called dead. */
const MOST_ELEMENTS = 1 << 18;

export function samplePass(examined: ExaminedPass): PassSample {
  const { view } = examined;
  const depths = depthsOf(view, Math.min, FARTHEST);
  const longest = depthsOf(view, Math.max, -1);
  const layers: LayerSample[] = [];
  const rectifiers: RectifierSample[] = [];
  for (let row = 0; row < view.rows; row++) {
    if (view.is(row, "linear", "convolution", "product")) {
      const layer = sampleLayer(view, row, depths[row]!, longest[row]!);
      if (layer) layers.push(layer);
    } else if (view.is(row, "rectifier") || isClampAtZero(view, row)) {
      const rectifier = sampleRectifier(view, row);
      if (rectifier) rectifiers.push(rectifier);
    }
  }
  return {
    pass: view.pass.id,
    loss: view.pass.loss ?? Number.NaN,
    rows: view.rows,
    rootFactor: rootFactorOf(view),
    calledAt: view.pass.calledAt,
    addends: addendsOf(view),
    code: codeOf(view),
    classes: classesOf(examined),
    likelihood: likelihoodOf(view),
    layers,
    rectifiers,
    spoilt: spoiltParameterOf(view),
    stretch: stretchOf(examined),
    batch: sampleBatch(examined),
    bare: bareLayersOf(view),
    weights: parametersOf(view),
  };
}

function sampleBatch({ view, terms }: ExaminedPass): PassSample["batch"] {
  const batch = batchOf(
    view,
    terms.flatMap(({ target }) => target ?? []),
  );
  return batch && { ...batch, site: view.context.siteOf(batch.at) };
}

function spoiltParameterOf(view: PassView): SpoiltParameter | null {
  const { loss } = view.pass;
  const first = loss === null || Number.isFinite(loss) ? null : firstNotFinite(view);
  if (first?.where !== "parameter") return null;
  const { row, what } = first;
  const { nans, positiveInfinities, negativeInfinities, count } = runtime.kernels.statistics(view.value(row));
  return {
    row,
    what,
    parameter: view.context.parameter(row),
    name: view.pass.label(row),
    count: nans + positiveInfinities + negativeInfinities,
    of: count,
  };
}

function parametersOf(view: PassView): ReadonlySet<number> {
  const found = new Set<number>();
  for (let row = 0; row < view.rows; row++) if (!view.isOp(row)) found.add(view.context.parameter(row));
  return found;
}

function rootFactorOf(view: PassView): number {
  let factor = 1;
  let row: number | undefined = view.pass.roots[0];
  while (row !== undefined && view.is(row, "multiply", "divide")) {
    const number = view.number(row);
    if (Number.isNaN(number) || view.isNumberFirst(row)) break;
    factor *= Math.abs(view.is(row, "multiply") ? number : 1 / number);
    row = view.inputs(row)[0];
  }
  return factor;
}

/** More layers than any row has behind it. */
const FARTHEST = 0x7fffffff;

/** For each row, how many layers lie between it and the loss, on the shortest or the longest way; `none` where there is no way. */
function depthsOf(view: PassView, better: (a: number, b: number) => number, none: number): Int32Array {
  const depths = new Int32Array(view.rows).fill(none);
  for (const root of view.pass.roots) depths[root] = 0;
  for (let row = view.rows - 1; row >= 0; row--) {
    if (depths[row] === none) continue;
    const next = depths[row]! + (operandsOf(view, row) ? 1 : 0);
    for (const input of view.inputs(row)) depths[input] = better(depths[input]!, next);
  }
  return depths;
}

/** What a layer works on, its weight, and the weight's axis of units; null of a row that is no layer. */
function operandsOf(view: PassView, row: number): { input: number; weight: number; units: 0 | 1 } | null {
  const [first, second] = view.inputs(row);
  if (first === undefined || second === undefined) return null;
  if (view.is(row, "linear", "convolution"))
    return view.isParameter(second) ? { input: first, weight: second, units: 0 } : null;
  // A layer that is written out as a product: x.matmul(w), w.matmul(x), x.matmul(w.t()).
  const [before, after] = [turnedBack(view, first), turnedBack(view, second)];
  if (!view.is(row, "product") || view.isParameter(before) === view.isParameter(after)) return null;
  const isLast = view.isParameter(after);
  const [input, given, weight] = isLast ? [first, second, after] : [second, first, before];
  const units = isLast === (given === weight) ? 1 : 0;
  return view.shape(weight).length === 2 ? { input, weight, units } : null;
}

/** What a matrix is the transpose of; itself where it is none. */
function turnedBack(view: PassView, row: number): number {
  return view.is(row, "permute") && view.shape(row).length === 2 ? view.inputs(row)[0]! : row;
}

function sampleLayer(view: PassView, row: number, depth: number, longest: number): LayerSample | null {
  const operands = operandsOf(view, row);
  if (operands === null) return null;
  const { input, weight, units } = operands;
  const shape = view.shape(weight);
  const ofWeight = runtime.kernels.statistics(view.value(weight));
  const fanIn = elementCount(shape) / Math.max(1, shape[units] ?? 1);
  const source = view.sources(input)[0] ?? input;
  // What is right for a product depends on more than its size: one-hot rows pick a row each, features have their own scale.
  const isWritten = view.is(row, "product");
  const isData = !isWritten && !view.isOp(source) && !view.isLive(source);
  const ofInput = isData ? runtime.kernels.statistics(view.value(source)) : null;
  const gradient = view.pass.gradient(row);
  const weightGradient = view.pass.gradient(weight);
  return {
    row,
    site: view.site(row),
    callSite: view.callSite(row),
    name: view.name(row),
    weight: view.context.parameter(weight),
    weightName: view.pass.label(weight),
    gain: isWritten ? Number.NaN : (ofWeight.norm / Math.sqrt(Math.max(1, ofWeight.count))) * Math.sqrt(fanIn),
    written: isWritten ? { before: rmsOf(view, input), after: rmsOf(view, row) } : null,
    isConstant:
      ofWeight.count > 1 &&
      ofWeight.min === ofWeight.max &&
      !(ofWeight.max === 0 && weightGradient && tellsUnitsApart(weightGradient, units)),
    unitsDiffer: ofWeight.count > MOST_COMPARED || tellsUnitsApart(view.value(weight), units),
    weightNorm: ofWeight.norm,
    weightGradient: weightGradient ? runtime.kernels.statistics(weightGradient).norm : Number.NaN,
    inputRms: ofInput ? ofInput.norm / Math.sqrt(Math.max(1, ofInput.count)) : Number.NaN,
    inputMost: ofInput ? Math.max(Math.abs(ofInput.min), Math.abs(ofInput.max)) : Number.NaN,
    gradient: gradient ? runtime.kernels.statistics(gradient).norm : Number.NaN,
    depth,
    longest,
  };
}

function rmsOf(view: PassView, row: number): number {
  const { norm, count } = runtime.kernels.statistics(view.value(row));
  return norm / Math.sqrt(Math.max(1, count));
}

/** Whether some unit of a weight has, or gets as its gradient, others than the first: zeros at the end of a branch learn at once. */
function tellsUnitsApart(gradient: View, units: 0 | 1): boolean {
  const columns = elementCount(gradient.shape) / Math.max(1, gradient.shape[0] ?? 1);
  const elements = readElements(gradient);
  return elements.some((element, i) => {
    const first = units === 0 ? elements[i % columns]! : elements[i - (i % columns)]!;
    return Math.abs(element - first) > 1e-6 * Math.abs(first);
  });
}

/** Whether a row keeps what is positive, as a ReLU does. */
function isClampAtZero(view: PassView, row: number): boolean {
  const most = view.attribute(row, "max");
  return view.is(row, "clamp") && view.attribute(row, "min") === 0 && (most === null || most === undefined);
}

function sampleRectifier(view: PassView, row: number): RectifierSample | null {
  const shape = view.shape(row);
  const count = elementCount(shape);
  if (shape.length < 2 || count > MOST_ELEMENTS || count === 0) return null;
  const values = view.numbers(row);
  if (values === null) return null;
  // Channels of images are on axis 1, units of anything else on the last.
  const axis = shape.length >= 4 ? 1 : shape.length - 1;
  const units = shape[axis]!;
  const inner = shape.slice(axis + 1).reduce((all, size) => all * size, 1);
  const alive = new Uint8Array(units);
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) alive[Math.floor(i / inner) % units] = 1;
  let dead = 0;
  for (const unit of alive) if (unit === 0) dead++;
  return { row, site: view.site(row), units, dead, examples: count / units };
}
