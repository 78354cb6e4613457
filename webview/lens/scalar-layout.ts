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
  readonly placed: ReadonlyMap<number, PlacedTensor>;
  readonly width: number;
  readonly height: number;
}

/** A title stands over tensors of several elements; a scalar's name is on its card. */
export function hasTitle(tensor: ScalarTensor): boolean {
  return tensor.data.length > 1;
}

/**
 * Forward from left to right: everything stands right before what reads it first, so that lines are short, and within a
 * column in the order of its readers' places, so that they cross little. Depends on nothing that a step changes.
 */
export function layOutScalars(graph: ScalarGraph, form: CardForm): ScalarLayout {
  const { tensors, flows } = graph;
  // Columns are first counted from the right: in tape order, what reads a tensor stands after it.
  const fromRight = new Map<number, number>();
  for (const { node } of tensors.toReversed()) {
    const readers = flows.filter((flow) => flow.input === node).map((flow) => fromRight.get(flow.consumer) ?? 0);
    fromRight.set(node, readers.length === 0 ? 0 : 1 + Math.max(...readers));
  }
  const last = Math.max(0, ...fromRight.values());
  const depth = new Map([...fromRight].map(([node, at]) => [node, last - at]));
  const columns: ScalarTensor[][] = [];
  for (const tensor of tensors) (columns[depth.get(tensor.node) ?? 0] ??= []).push(tensor);
  const filled = columns.filter((column) => column.length > 0);

  const middle = new Map<number, number>();
  const placed = new Map<number, PlacedTensor>();
  const heights = filled.map((column) =>
    column.reduce((sum, one) => sum + blockHeight(one, form) + BLOCK_GAP, -BLOCK_GAP),
  );
  const tallest = Math.max(0, ...heights);
  const left = form.circle / 2 - form.circleAt;
  const columnWidth = left + form.width + form.gap;
  for (let c = filled.length - 1; c >= 0; c--) {
    const column = filled[c] ?? [];
    const wish = (tensor: ScalarTensor): number => {
      const readers = flows.filter((flow) => flow.input === tensor.node).map((flow) => middle.get(flow.consumer) ?? 0);
      return readers.length === 0 ? tallest / 2 : readers.reduce((a, b) => a + b, 0) / readers.length;
    };
    const ordered = column.map((tensor) => ({ tensor, at: wish(tensor) })).sort((a, b) => a.at - b.at);
    let y = MARGIN + (tallest - (heights[c] ?? 0)) / 2;
    for (const { tensor } of ordered) {
      const top = y + (hasTitle(tensor) ? TITLE : 0);
      placed.set(tensor.node, { tensor, form, x: MARGIN + c * columnWidth + left, y: top });
      middle.set(tensor.node, top + (tensor.data.length * form.pitch) / 2);
      y += blockHeight(tensor, form) + BLOCK_GAP;
    }
  }
  return {
    placed,
    width: 2 * MARGIN + filled.length * columnWidth - form.gap,
    height: 2 * MARGIN + tallest,
  };
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
