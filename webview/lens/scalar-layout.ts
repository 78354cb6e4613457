import type { Flow } from "../layout/arrangement.ts";
import type { ScalarGraph, ScalarTensor } from "../../engine/protocol/scalars.ts";

/** How a scalar is drawn, in pixels. An op's result has its circle at the left; a tensor's elements stand in one column. */
export interface CardForm {
  readonly width: number;
  readonly height: number;
  readonly pitch: number;
  /** Its op's circle: how large, and from the card's left end to its middle. */
  readonly circle: number;
  readonly circleAt: number;
  /** From the card's upper end to where lines meet it and its circle. */
  readonly middle: number;
  /** From one card to what stands left of the next one's circle. */
  readonly gap: number;
}

/** Name and numbers in one line. */
export const WIDE: CardForm = { width: 244, height: 26, pitch: 32, circle: 26, circleAt: -21, middle: 13, gap: 30 };
/** The name over the numbers, and the circle on the card's edge: where a pane is too narrow for the other. */
export const NARROW: CardForm = { width: 108, height: 40, pitch: 46, circle: 20, circleAt: 0, middle: 10, gap: 19 };
const BLOCK_GAP = 22;
/** Between two rows, for lines that run down. */
const ROW_GAP = 34;
const BESIDE_GAP = 24;
const TITLE = 18;
const MARGIN = 16;

export interface PlacedTensor {
  readonly tensor: ScalarTensor;
  readonly form: CardForm;
  /** Left end of the cards, and top of the first. */
  readonly x: number;
  readonly y: number;
}

export interface ScalarLayout {
  /** Which way the forward pass runs. */
  readonly flow: Flow;
  readonly placed: ReadonlyMap<number, PlacedTensor>;
  readonly width: number;
  readonly height: number;
}

/** A title stands over tensors of several elements; a scalar's name is on its card. */
export function hasTitle(tensor: ScalarTensor): boolean {
  return tensor.data.length > 1;
}

/**
 * Forward from left to right, or from top to bottom where a pane is too narrow for that: everything stands right before what reads
 * it first, so that lines are short, and within a column or row in the order of its readers' places, so that they cross little.
 * Depends on nothing that a step changes.
 */
export function layOutScalars(graph: ScalarGraph, form: CardForm, flow: Flow = "right"): ScalarLayout {
  const levels = levelsOf(graph);
  const ordered = inOrderOfReaders(graph, levels, form, flow);
  const left = form.circle / 2 - form.circleAt;
  const placed = new Map<number, PlacedTensor>();
  const lengths = ordered.map((level) => levelLength(level, form, flow));
  const longest = Math.max(0, ...lengths);
  let along = MARGIN;
  for (const [i, level] of ordered.entries()) {
    let across = MARGIN + (longest - (lengths[i] ?? 0)) / 2;
    for (const tensor of level) {
      const [x, top] = flow === "right" ? [along, across] : [across, along];
      placed.set(tensor.node, { tensor, form, x: x + left, y: top + (hasTitle(tensor) ? TITLE : 0) });
      across += extent(tensor, form, flow) + (flow === "right" ? BLOCK_GAP : BESIDE_GAP);
    }
    along +=
      flow === "right"
        ? left + form.width + form.gap
        : ROW_GAP + Math.max(...level.map((one) => blockHeight(one, form)));
  }
  const run = along - MARGIN - (flow === "right" ? form.gap : ROW_GAP);
  const [width, height] = flow === "right" ? [run, longest] : [longest, run];
  return { flow, placed, width: 2 * MARGIN + Math.max(0, width), height: 2 * MARGIN + Math.max(0, height) };
}

/** The columns, or rows: what is read by nothing stands in the last, everything else right before its first reader. */
function levelsOf({ tensors, flows }: ScalarGraph): ScalarTensor[][] {
  // They are first counted from the end: in tape order, what reads a tensor stands after it.
  const fromEnd = new Map<number, number>();
  for (const { node } of tensors.toReversed()) {
    const readers = flows.filter((flow) => flow.input === node).map((flow) => fromEnd.get(flow.consumer) ?? 0);
    fromEnd.set(node, readers.length === 0 ? 0 : 1 + Math.max(...readers));
  }
  const last = Math.max(0, ...fromEnd.values());
  const levels: ScalarTensor[][] = [];
  for (const tensor of tensors) (levels[last - (fromEnd.get(tensor.node) ?? 0)] ??= []).push(tensor);
  return levels.filter((level) => level.length > 0);
}

/** The levels, each in the order of where its readers stand across them. */
function inOrderOfReaders(
  { flows }: ScalarGraph,
  levels: ScalarTensor[][],
  form: CardForm,
  flow: Flow,
): ScalarTensor[][] {
  const middle = new Map<number, number>();
  const gap = flow === "right" ? BLOCK_GAP : BESIDE_GAP;
  const longest = Math.max(0, ...levels.map((level) => levelLength(level, form, flow)));
  return levels
    .toReversed()
    .map((level) => {
      const wish = ({ node }: ScalarTensor): number => {
        const readers = flows.filter(({ input }) => input === node).map(({ consumer }) => middle.get(consumer) ?? 0);
        return readers.length === 0 ? longest / 2 : readers.reduce((a, b) => a + b, 0) / readers.length;
      };
      const sorted = level.map((tensor) => ({ tensor, at: wish(tensor) })).sort((a, b) => a.at - b.at);
      let across = (longest - levelLength(level, form, flow)) / 2;
      for (const { tensor } of sorted) {
        middle.set(tensor.node, across + extent(tensor, form, flow) / 2);
        across += extent(tensor, form, flow) + gap;
      }
      return sorted.map(({ tensor }) => tensor);
    })
    .toReversed();
}

function levelLength(level: readonly ScalarTensor[], form: CardForm, flow: Flow): number {
  const gap = flow === "right" ? BLOCK_GAP : BESIDE_GAP;
  return level.reduce((sum, one) => sum + extent(one, form, flow) + gap, -gap);
}

/** How much of its level a tensor takes. */
function extent(tensor: ScalarTensor, form: CardForm, flow: Flow): number {
  return flow === "right" ? blockHeight(tensor, form) : form.circle / 2 - form.circleAt + form.width;
}

function blockHeight(tensor: ScalarTensor, { pitch, height }: CardForm): number {
  return (hasTitle(tensor) ? TITLE : 0) + tensor.data.length * pitch - (pitch - height);
}

/** Middle of an element's card, in height. */
export function rowOf(one: PlacedTensor, element: number): number {
  return one.y + element * one.form.pitch + one.form.middle;
}

/** Middle of the circle of an op's element. */
export function circleOf(one: PlacedTensor): number {
  return one.x + one.form.circleAt;
}
