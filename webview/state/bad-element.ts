import { effect, signal } from "@preact/signals";
import type { NodeId } from "../../engine/protocol/ids.ts";
import type { Plane } from "../../engine/protocol/inspection.ts";
import type { PassGraph } from "../../engine/protocol/graph.ts";
import type { BadElement } from "../headline/sentence.ts";
import * as derived from "./derived.ts";
import { inspect } from "./partners.ts";
import { graph, session } from "./resources.ts";

/** The first element that is not finite, of the node where that begins. */
export const badElement = signal<BadElement | null>(null);

/** As many elements as one request may ask for. */
const PAGE = 65_536;
/** Beyond this many nobody waits for the place. */
const MOST_ELEMENTS = 4_000_000;

/** Looks for the element once a pass has something that is not finite. */
export function findBadElement(): void {
  let newest = 0;
  effect(() => {
    const pass = graph.value;
    const found = derived.notFinite.value;
    const value = found.values[0];
    const node = value ?? found.gradients[0];
    const mine = ++newest;
    if (!pass || node === undefined || !session.value) {
      badElement.value = null;
      return;
    }
    if (badElement.peek()?.node === node) return;
    lookIn(pass, node, value === undefined ? "gradient" : "value").then(
      (answer) => {
        if (mine === newest) badElement.value = answer;
      },
      // The sentence then says which op it is, and not at which element.
      () => undefined,
    );
  });
}

async function lookIn(graph: PassGraph, node: number, plane: Plane): Promise<BadElement | null> {
  const shape = Array.from(graph.shapes.subarray(graph.shapeStart[node], graph.shapeStart[node + 1]));
  const size = shape.reduce((a, b) => a * b, 1);
  const ask = (of: number, which: Plane, start: number, count: number): Promise<Float64Array> =>
    inspect().elements(graph.pass, of as NodeId, { plane: which, start, count });
  for (let start = 0; start < Math.min(size, MOST_ELEMENTS); start += PAGE) {
    const page = await ask(node, plane, start, Math.min(PAGE, size - start));
    const at = page.findIndex((value) => !Number.isFinite(value));
    if (at < 0) continue;
    const flat = start + at;
    // A gradient shows its own value there, a value what its op read there.
    const around =
      plane === "gradient"
        ? [node]
        : [...new Set(graph.inputs.subarray(graph.inputStart[node], graph.inputStart[node + 1]))];
    const sameShape = around.filter((one) => {
      const other = Array.from(graph.shapes.subarray(graph.shapeStart[one], graph.shapeStart[one + 1]));
      return other.length === shape.length && other.every((extent, axis) => extent === shape[axis]);
    });
    const inputs = await Promise.all(
      sameShape.map(async (one) => ({ node: one, value: (await ask(one, "value", flat, 1))[0] ?? NaN })),
    );
    return { node, index: indexOf(shape, flat), value: page[at] ?? NaN, inputs };
  }
  return null;
}

function indexOf(shape: readonly number[], flat: number): number[] {
  const index: number[] = [];
  let rest = flat;
  for (const extent of [...shape].reverse()) {
    index.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return index;
}
