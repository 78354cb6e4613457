import type { GradNode } from "../../core/grad-node.ts";
import type { Tensor } from "../../core/tensor.ts";
import { vectorJacobianProduct } from "../../ops/vector-jacobian-product.ts";
import { GivenApplication } from "../replay/given-application.ts";
import {
  changedSteps,
  leftOut,
  savedSlots,
  withOtherValues,
  withoutFactor,
  type ChangedStep,
} from "./changed-steps.ts";
import { factorText } from "./suspect.ts";
import type { Changes, Edge } from "./traced-forward.ts";
import type { ForwardMistake, TracedSearch } from "./traced-search.ts";

/** One step of a loop in forward, in each of its turns: what is wrong there is wrong in all of them. */
type Turns = readonly Edge[];

/**
 * A step that stands in a loop, done otherwise in every turn: changed as a step by itself may be, with a constant of its own in
 * another power, or with the values of the turn before or after, or of all turns in the reverse order.
 */
export function changedInEveryStep(search: TracedSearch): ForwardMistake | null {
  for (const turns of loopsOf(search.edges)) {
    const found =
      overwritten(search, turns) ??
      otherwise(search, turns) ??
      constantOtherwise(search, turns) ??
      ofOtherTurns(search, turns);
    if (found !== null || search.isOver) return found;
  }
  return null;
}

/** Edges of the same call at the same operand, in the order in which forward came by. */
function loopsOf(edges: readonly Edge[]): readonly Turns[] {
  const groups = new Map<string, Edge[]>();
  for (const edge of edges) {
    const key = `${edge.node.site} ${edge.node.op!.id} ${edge.input}`;
    groups.set(key, [...(groups.get(key) ?? []), edge]);
  }
  return [...groups.values()]
    .filter((group) => new Set(group.map(({ node }) => node)).size > 1)
    .map((group) => group.toSorted((a, b) => a.node.sequence - b.node.sequence));
}

function holds(search: TracedSearch, changes: Changes): boolean {
  return search.explains(({ probe, right }) =>
    search.traced.changed(probe.cotangents, changes).map((value, e) => value - right[e]!),
  );
}

function inEach(turns: Turns, changeOf: (edge: Edge, turn: number) => (edge: Edge) => Tensor | null): Changes {
  return new Map(turns.map((edge, turn) => [edge.node, new Map([[edge.input, changeOf(edge, turn)]])]));
}

/** A value that every turn reads gets the gradient of one turn alone, which overwrites that of the others. */
function overwritten(search: TracedSearch, turns: Turns): ForwardMistake | null {
  const { node, input } = turns[0]!;
  const value = node.inputs[input]!;
  if (turns.some((turn) => turn.node.inputs[turn.input] !== value)) return null;
  for (const [kept, which] of [
    [0, "first"],
    [turns.length - 1, "last"],
  ] as const) {
    const others = turns.filter((_, turn) => turn !== kept);
    if (
      !holds(
        search,
        inEach(others, () => () => null),
      )
    )
      continue;
    const { names } = search;
    return {
      kind: "overwrite",
      text: `what comes to ${names.value(value)} through ${names.step(node)} is overwritten in every turn of the loop where it must be added up: only that of the ${which} turn in forward is left`,
    };
  }
  return null;
}

function otherwise(search: TracedSearch, turns: Turns): ForwardMistake | null {
  const { traced, names } = search;
  const changesOf = (edge: Edge): ChangedStep[] => [
    ...withoutFactor(edge, names),
    ...leftOut(edge, names),
    ...changedSteps(edge, names),
    ...withOtherValues(edge, traced.values, names),
  ];
  const each = turns.map(changesOf);
  const [first] = each as [ChangedStep[]];
  for (const { kind, text } of first) {
    if (search.isOver) return null;
    const same = each.map((changes) => changes.find((change) => change.text === text));
    if (same.includes(undefined)) continue;
    const changes = inEach(turns, (_, turn) => same[turn]!.contribution);
    if (!holds(search, changes)) continue;
    return { kind, text: `${text}, in every turn of the loop` };
  }
  return null;
}

/** The sign, or a number that the step has. */
function constantOtherwise(search: TracedSearch, turns: Turns): ForwardMistake | null {
  const [{ node }] = turns as [Edge];
  const step = search.names.step(node);
  const constants = Object.values(node.attributes).filter((value): value is number => typeof value === "number");
  const factors = new Set([0, -1, 0.5, 2]);
  for (const value of constants) for (const factor of [value, 1 / value, (1 - value) / value]) factors.add(factor);
  for (const factor of factors) {
    if (search.isOver) return null;
    if (!Number.isFinite(factor) || factor === 1) continue;
    if (
      !holds(
        search,
        inEach(turns, () => (edge) => edge.contribution.mul(factor)),
      )
    )
      continue;
    if (factor === 0) {
      return { kind: "missing-term", text: `what comes through ${step} is left out, in every turn of the loop` };
    }
    const kind = factor === -1 ? "sign" : "scale";
    const what = factor === -1 ? "has the wrong sign" : `is ${factorText(factor)} times what it must be`;
    return { kind, text: `what comes through ${step} ${what}, in every turn of the loop` };
  }
  return null;
}

/** What the step's rule reads is that of other turns. */
function ofOtherTurns(search: TracedSearch, turns: Turns): ForwardMistake | null {
  const { names } = search;
  const [{ node, input }] = turns as [Edge];
  for (const slot of savedSlots(node)) {
    const own = turns.map((turn) => valueAt(turn.node, slot));
    if (own.some((value) => value.shape.join() !== own[0]!.shape.join())) continue;
    const [before, after] = [neighbour(search, own[0]!, -1), neighbour(search, own.at(-1), 1)];
    const [next, previous] = ["that of the next turn of the loop", "that of the turn before"];
    const later = [...own.slice(1), after ?? own.at(-1)];
    const earlier = [before ?? own[0], ...own.slice(0, -1)];
    const orders: readonly (readonly [readonly (Tensor | undefined)[], string])[] = [
      [later, next],
      [earlier, previous],
      // Loops treat their first or last turn by itself.
      [[own[0], ...later.slice(1)], next],
      [[...later.slice(0, -1), own.at(-1)], next],
      [[own[0], ...earlier.slice(1)], previous],
      [[...earlier.slice(0, -1), own.at(-1)], previous],
      [own.toReversed(), "that of the turns in the reverse order"],
    ];
    for (const [values, text] of orders) {
      if (search.isOver) return null;
      const changes = inEach(turns, (_, turn) => (edge) => {
        const value = values[turn]!;
        const inputs = edge.node.inputs.map((operand, i) => (i === slot ? value : operand));
        const result = slot === "output" ? value : edge.node.result!;
        const at = new GivenApplication(edge.node.attributes, inputs, result);
        return vectorJacobianProduct(edge.node.op!, at, input, edge.upstream);
      });
      if (!holds(search, changes)) continue;
      const value = slot === "output" ? "its result" : names.value(own.at(-1));
      return {
        kind: "shift",
        text: `in the gradient of ${names.step(node)}, the value of another turn of the loop is used: for ${value}, ${text}`,
      };
    }
  }
  return null;
}

function valueAt(node: GradNode, slot: number | "output"): Tensor {
  return slot === "output" ? node.result! : node.inputs[slot]!;
}

/** What the same call made one turn earlier or later. */
function neighbour({ traced }: TracedSearch, value: Tensor, by: 1 | -1): Tensor | undefined {
  const made = value.ownNode;
  if (made === null) return undefined;
  const turns = traced.all.filter(({ site, op }) => site === made.site && op === made.op);
  return turns[turns.indexOf(made) + by]?.result ?? undefined;
}
