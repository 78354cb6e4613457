import { batch, effect, signal } from "@preact/signals";
import { t } from "../../engine/language/translate.ts";
import type { NodeId } from "../../engine/protocol/ids.ts";
import type { ScalarGraph } from "../../engine/protocol/scalars.ts";
import { elementName, elementSteps, termsOf } from "../lens/scalar-steps.ts";
import { moveCursor } from "./cursor-moves.ts";
import { announce, inspect, isFailure } from "./partners.ts";
import * as derived from "./derived.ts";
import { cursor, graph, session } from "./resources.ts";

/** Tensors of more elements are not opened into scalars. */
export const MOST_ELEMENTS = 64;

/** The tensors around the inspected node as scalars, and the op whose backward step they are at; or why there are none. */
export const scalars = signal<
  { readonly graph: ScalarGraph; readonly at: number | null } | { readonly problem: string } | null
>(null);
/** How many elements of the cursor's op have passed their gradient on: steps within its step. */
export const elementsDone = signal(0);

/** Whether the cursor comes from behind the step it is at, whose elements but the last are then undone one by one. */
const fromBehind = signal(false);

/** How many elements a node's tensor has. */
export function elementsOf(node: number): number {
  const pass = graph.value;
  if (!pass || node < 0) return 0;
  return pass.shapes.subarray(pass.shapeStart[node], pass.shapeStart[node + 1]).reduce((a, b) => a * b, 1);
}

/** The op whose backward step the cursor is at; null in the forward part and at the end. */
function opAtWork(): number | null {
  const now = cursor.value;
  return now !== null && now.position >= now.forwardSteps ? now.node : null;
}

/** Keeps the lens's scalars those around the inspected node at the cursor. Only the newest request is heard. */
export function watchLens(): void {
  let newest = 0;
  // The node whose neighbourhood is shown. Stays while what is inspected is in sight, so that nothing moves on a step.
  let centre: number | null = null;
  effect(() => {
    const pass = graph.value?.pass;
    const node = derived.inspectedNode.value;
    const at = cursor.value;
    if (!derived.lensIsOpen.value || at === null || pass === undefined || !session.value) {
      centre = null;
      if (!derived.lensIsOpen.value) scalars.value = null;
      return;
    }
    if (derived.isBetweenPasses.value) return;
    const shown = scalars.peek();
    const known = shown && "graph" in shown ? shown.graph : null;
    const inSight = known?.pass === pass && known.tensors.some((one) => one.node === node);
    if (node >= 0 && !(inSight && centre !== null)) centre = node;
    if (centre === null) return;
    const mine = ++newest;
    const work = opAtWork();
    inspect()
      .scalars(pass, centre as NodeId)
      .then(
        (answer) => {
          if (mine !== newest) return;
          batch(() => {
            elementsDone.value = fromBehind.peek() && work !== null ? elementSteps(answer, work) - 1 : 0;
            scalars.value = { graph: answer, at: work };
          });
          fromBehind.value = false;
        },
        (error: unknown) => {
          if (mine === newest) scalars.value = { problem: isFailure(error) ? error.message : String(error) };
        },
      );
  });
}

/** One multiplication on or back; the cursor moves where an op's elements are through. */
export function stepElement(by: 1 | -1): void {
  const shown = scalars.peek();
  if (!shown || "problem" in shown) return;
  const { graph: around, at } = shown;
  if (by < 0) {
    if (elementsDone.value > 0) elementsDone.value--;
    else {
      fromBehind.value = true;
      moveCursor({ by: -1 });
    }
    return;
  }
  const steps = at === null ? 1 : elementSteps(around, at);
  if (at !== null) announceTerms(around, at, elementsDone.value);
  if (elementsDone.value + 1 < steps) elementsDone.value++;
  else moveCursor({ by: 1 });
}

function announceTerms(shown: ScalarGraph, node: number, element: number): void {
  const gets = termsOf(shown, node, element).map((term) => {
    const input = shown.tensors.find((one) => one.node === term.input);
    return input ? t`${elementName(input, term.element)} gets ${String(term.local * term.upstream)}` : "";
  });
  if (gets.length > 0) announce(gets.join(", "));
}
