import { roleOf } from "../ops/role.ts";
import type { PassView } from "./pass-view.ts";
import { stepsOf } from "./provenance.ts";
import type { Found } from "./rule.ts";
import { describeShape } from "./wording.ts";

/** A layer that takes what another gives, as one pass has it. */
export interface BareLayer {
  /** The number of its weight. */
  readonly weight: number;
  readonly found: Found;
}

/** The layers of a pass with nothing between them and the one before. */
export function bareLayersOf(view: PassView): readonly BareLayer[] {
  const bare: BareLayer[] = [];
  for (let row = 0; row < view.rows; row++) {
    if (!isLayer(view, row)) continue;
    // The other end of tied weights is an embedding, whose width a projection must give.
    if (view.consumers(view.inputs(row)[1]!).some((one) => view.is(one, "lookup"))) continue;
    const before = layerBefore(view, row);
    if (before === null || isNarrow(view, before, row) || isTarget(view, before) || isOtherNetwork(view, before, row))
      continue;
    bare.push({
      weight: view.context.parameter(view.inputs(row)[1]!),
      found: {
        pass: view.pass.id,
        text: `This layer ${describeShape(view.shape(view.inputs(row)[1]!))} takes what the layer ${describeShape(view.shape(view.inputs(before)[1]!))} before it gives, with no activation between them: two affine layers in a row can do no more than one. Put an activation, such as ReLU, between them.`,
        site: view.flowSite(row),
        related: [{ text: "the layer before", site: view.flowSite(before) }],
        row,
        ...(view.layerSite(row) && {
          remedy: {
            text: "Put a ReLU between them.",
            changes: [{ kind: "insert-layer", before: view.layerSite(row)!, layer: "ReLU" }],
          },
        }),
      },
    });
  }
  return bare;
}

function isLayer(view: PassView, row: number): boolean {
  if (isProductWithWeight(view, row)) return true;
  if (!view.is(row, "linear", "convolution")) return false;
  const weight = view.inputs(row)[1];
  // Gates of cells, and projections of attention, are parts of something larger.
  return weight !== undefined && view.isParameter(weight) && view.functionScope(row, CELLS) < 0;
}

/** A layer written out: rows of data, or of what was made of them, times a matrix that is learned. */
function isProductWithWeight(view: PassView, row: number): boolean {
  if (!view.is(row, "product")) return false;
  const [data, weight] = view.inputs(row);
  if (data === undefined || weight === undefined || !view.isParameter(weight)) return false;
  // Matrices that are multiplied with each other first are one matrix in parts, on purpose.
  return view.shape(weight).length === 2 && view.shape(data).length >= 2 && !view.isParameter(view.sources(data)[0]!);
}

/** Sizes of a layer's weight, as [outputs, inputs, …]. */
function sizesOf(view: PassView, row: number): readonly number[] {
  const shape = view.shape(view.inputs(row)[1]!);
  return view.is(row, "product") ? shape.toReversed() : shape;
}

const CELLS: ReadonlySet<string> = new Set(["lstmCell", "gruCell", "rnnCell", "lstm", "gru", "rnn"]);

function layerBefore(view: PassView, row: number): number | null {
  let at = view.inputs(row)[0]!;
  let user = row;
  for (let steps = 0; steps < 12; steps++) {
    if (view.consumers(at).some((consumer) => consumer !== user)) return null;
    if (isLayer(view, at)) return view.is(at, "convolution") === view.is(row, "convolution") ? at : null;
    const passes =
      view.is(at, "reshape", "convert", "batch-norm") ||
      (view.is(at, "multiply") && view.madeBy(at, "dropout")) ||
      isBias(view, at);
    if (!passes) return null;
    user = at;
    at = view.inputs(at)[0]!;
  }
  return null;
}

/** Whether a row adds a learned vector to what a layer that is written out gives. */
function isBias(view: PassView, row: number): boolean {
  const [to, bias] = view.inputs(row);
  if (!view.is(row, "add") || to === undefined || bias === undefined) return false;
  return (
    view.isParameter(bias) &&
    view.shape(bias).length <= 2 &&
    view.shape(bias).at(-1) === view.shape(to).at(-1) &&
    view
      .shape(bias)
      .slice(0, -1)
      .every((size) => size === 1)
  );
}

/** Whether a layer's result is read outside of the graph as well, as the target of another branch: that is its own use. */
function isTarget(view: PassView, layer: number): boolean {
  const made = view.callSite(layer);
  if (made === null) return false;
  for (let row = 0; row < view.rows; row++) {
    if (view.isOp(row) || view.isLive(row)) continue;
    for (const step of stepsOf(view.context.origin(row))) {
      if (!step.live || roleOf(step.op) !== view.role(layer)) continue;
      const site = view.context.siteOf(step);
      if (site?.file === made.file && site.line === made.line && site.column === made.column) return true;
    }
  }
  return false;
}

/** Whether one network of several layers ends with the first and another begins with the second: a head on a projection. */
function isOtherNetwork(view: PassView, before: number, row: number): boolean {
  const [own, other] = [rootOf(view, before), rootOf(view, row)];
  if (own < 0 || other < 0 || own === other) return false;
  const layers = (root: number): number =>
    [...Array(view.rows).keys()].filter((one) => isLayer(view, one) && rootOf(view, one) === root).length;
  return layers(own) > 1;
}

/** The outermost call of a module that made a row; −1 of what none did. */
function rootOf(view: PassView, row: number): number {
  let root = -1;
  for (let at = view.pass.scope(row); at >= 0; at = view.pass.scopes[at]!.parent)
    if (view.pass.scopes[at]!.kind === "module") root = at;
  return root;
}

/** Fewer units between than on both sides make a product of low rank, which one layer is not. */
function isNarrow(view: PassView, first: number, second: number): boolean {
  const [a, b] = [sizesOf(view, first), sizesOf(view, second)];
  if (view.is(first, "convolution")) {
    // Depthwise and pointwise kernels make one separable convolution.
    const separable = [a, b].some((shape) => shape[1] === 1 || shape.slice(2).every((size) => size === 1));
    if (separable) return true;
  }
  return a[0]! < Math.min(a[1]!, b[0]!);
}
