import { COMPARED, COMPARED_STRIDE } from "../../engine/protocol/check.ts";
import { computed, effect, signal } from "@preact/signals";
import type {
  ElementExplanation,
  HeatMap,
  NodeDetail,
  Plane,
  RuleAtElement,
} from "../../engine/protocol/inspection.ts";
import type { NodeId, PassId } from "../../engine/protocol/ids.ts";
import { ask, inspect, isFailure } from "./partners.ts";
import * as derived from "./derived.ts";
import { checkRows, cursor, detail, graph, session } from "./resources.ts";
import { axes, element, planeOf, slice, tab, tensor, window_ } from "./ui.ts";

/** The picture of the chosen tensor, or why there is none. */
export const heatMap = signal<HeatMap | { readonly problem: string } | null>(null);
/** How an element's gradient comes about, and how the node's op passes it on, by input. */
const explained = signal<{
  readonly of: NodeDetail;
  readonly explanation: ElementExplanation | null;
  readonly rules: readonly RuleAtElement[];
} | null>(null);
// What was said of another node, or at another step, is not shown beside this one's numbers.
const current = computed(() => (explained.value?.of === detail.value ? explained.value : null));
export const explanation = computed(() => current.value?.explanation ?? null);
export const rules = computed(() => current.value?.rules ?? []);

const MOST_CELLS = 96;

/** Keeps the inspector's resources those of the inspected node at the cursor. Only the newest request is heard. */
export function inspectOnChange(): void {
  let newest = 0;
  let asked: Moment | null = null;
  effect(() => {
    const node = derived.inspectedNode.value as NodeId;
    const pass = graph.value?.pass;
    const now = { pass, node, position: cursor.value?.position, rows: checkRows.value };
    // What is shown stays until there is something to show of the next pass.
    if (derived.isBetweenPasses.value) return;
    if (pass === undefined || node < 0) {
      detail.value = null;
      return;
    }
    if (!session.value || sameMoment(asked, now)) return;
    asked = now;
    const mine = ++newest;
    void ask(inspect().node(pass, node)).then((answer) => {
      if (mine === newest && answer) detail.value = answer;
    });
  });
  watchHeatMap();
  watchElement();
}

/** What a node's detail depends on. */
interface Moment {
  readonly pass: number | undefined;
  readonly node: number;
  readonly position: number | undefined;
  readonly rows: unknown;
}

function sameMoment(a: Moment | null, b: Moment): boolean {
  return a !== null && a.pass === b.pass && a.node === b.node && a.position === b.position && a.rows === b.rows;
}

/** What is shown of a node: its gradient once there is some, else its value. */
export function shownTensor(of: NodeDetail): "gradient" | "value" | "accumulated" {
  if (tensor.value === "accumulated" && of.accumulated) return "accumulated";
  return tensor.value !== "value" && of.gradient ? "gradient" : "value";
}

export function hasElements(of: NodeDetail): boolean {
  return (of.compared?.elements?.length ?? 0) > 0;
}

/** Finite differences have a picture of their own where elements of this very gradient were compared. */
export function shownTab(of: NodeDetail): "analytic" | "numeric" | "difference" {
  return hasElements(of) ? tab.value : "analytic";
}

/** The chosen element against finite differences; null where it was not compared. */
export const comparedElement = computed(() => {
  const of = detail.value;
  const index = chosenElement();
  const elements = of?.compared?.elements;
  if (!of || !index || !elements) return null;
  const flat = index.reduce((sum, at, axis) => sum * (of.value.shape[axis] ?? 1) + at, 0);
  for (let at = 0; at < elements.length; at += COMPARED_STRIDE) {
    if (elements[at + COMPARED.element] !== flat) continue;
    return { numeric: elements[at + COMPARED.numeric] ?? NaN, errorBar: elements[at + COMPARED.errorBar] ?? NaN };
  }
  return null;
});

function watchHeatMap(): void {
  let newest = 0;
  effect(() => {
    const of = detail.value;
    const plane: Plane = of ? planeOf(shownTensor(of), shownTab(of)) : "value";
    const wanted = { axes: axes.value, slice: slice.value, window: window_.value };
    if (!of || !session.value) {
      if (!of) heatMap.value = null;
      return;
    }
    const mine = ++newest;
    const request = {
      plane,
      maxRows: MOST_CELLS,
      maxColumns: MOST_CELLS,
      ...(wanted.axes ? { axes: wanted.axes } : {}),
      ...(wanted.slice ? { slice: wanted.slice } : {}),
      ...(wanted.window ? { window: wanted.window } : {}),
    };
    inspect()
      .heatMap(of.pass, of.node, request)
      .then(
        (answer) => {
          if (mine === newest) heatMap.value = answer;
        },
        (error: unknown) => {
          if (mine === newest) heatMap.value = { problem: isFailure(error) ? error.message : String(error) };
        },
      );
  });
}

function watchElement(): void {
  let newest = 0;
  effect(() => {
    const of = detail.value;
    const index = chosenElement();
    if (!of || !index || !session.value) {
      explained.value = null;
      return;
    }
    const mine = ++newest;
    void explainElement(of.pass, of, index).then((answer) => {
      if (mine !== newest) return;
      explained.value = { of, explanation: answer.explanation, rules: answer.rules };
    });
  });
}

async function explainElement(pass: PassId, of: NodeDetail, index: readonly number[]) {
  const engine = inspect();
  const quiet = async <T>(answer: Promise<T>): Promise<T | null> => answer.catch(() => null);
  const [explanation, rules] = await Promise.all([
    of.requiresGrad ? quiet(engine.explain(pass, of.node, index)) : null,
    quiet(engine.explainRule(pass, of.node, index)),
  ]);
  return { explanation, rules: rules ?? [] };
}

/** The element that was clicked, else the one of largest magnitude in the picture. */
export function chosenElement(): readonly number[] | null {
  const of = detail.value;
  if (!of || of.value.statistics[0] === 0) return null;
  const rank = of.value.shape.length;
  if (element.value?.length === rank) return element.value;
  if (rank === 0) return [];
  const picture = heatMap.value;
  if (!picture || "problem" in picture || picture.shape.length !== rank || picture.cells.length === 0) return null;
  return picture.peak;
}

/** Chooses the element under a cell of the picture; where several are, the largest: that is what the cell shows. */
export async function chooseCell(of: NodeDetail, picture: HeatMap, row: number, column: number): Promise<void> {
  const [top, left, height, width] = picture.window;
  const from = (cell: number, size: number, cells: number): number => Math.floor((cell * size) / cells);
  const [row0, column0] = [from(row, height, picture.rows), from(column, width, picture.columns)];
  const rows = from(row + 1, height, picture.rows) - row0;
  const columns = from(column + 1, width, picture.columns) - column0;
  element.value = elementOfCell(picture, row, column);
  if (rows * columns <= 1) return;
  const { plane, axes, slice } = picture;
  const window = [top + row0, left + column0, rows, columns] as const;
  const under = await ask(
    inspect().heatMap(of.pass, of.node, { plane, axes, slice, window, maxRows: 1, maxColumns: 1 }),
  );
  if (under?.peak && detail.peek() === of) element.value = under.peak;
}

/** The first element under a cell of the picture. */
export function elementOfCell(picture: HeatMap, row: number, column: number): number[] {
  const [top, left, height, width] = picture.window;
  const index = picture.shape.map((_, axis) => picture.slice[axis] ?? 0);
  const [down, across] = picture.axes;
  if (down >= 0) index[down] = top + Math.floor((row * height) / picture.rows);
  if (across >= 0) index[across] = left + Math.floor((column * width) / picture.columns);
  return index;
}
