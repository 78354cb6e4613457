import { withGradMode } from "../../context/grad-mode.ts";
import { sameShape } from "../../core/shape.ts";
import { roleOf } from "../../ops/role.ts";
import {
  changedSteps,
  leftOut,
  passesOrBlocks,
  takenElsewhere,
  withOtherValues,
  withoutFactor,
  type ChangedStep,
} from "./changed-steps.ts";
import { confusedValues } from "./confused-values.ts";
import { cotangentsExchanged } from "./exchanged.ts";
import { epsilonElsewhere } from "./epsilons.ts";
import { factorInPart, factorOfAll, quotientOfAll, valueOfAll } from "./factors.ts";
import { changedInEveryStep } from "./loop-steps.ts";
import { ofOtherForward } from "./other-forward.ts";
import { withResultAlong } from "./other-axes.ts";
import { sumAlongOthers } from "./sums-along-others.ts";
import { asFraction, timesOf } from "./suspect.ts";
import type { Edge, TracedForward } from "./traced-forward.ts";
import {
  isNamed,
  TracedSearch,
  type Difference,
  type ForwardMistake,
  type Places,
  type Probe,
} from "./traced-search.ts";

/**
 * Looks for the one wrong step in a hand-written backward: each step of the right one, as the forward's own ops give it, is
 * left out, scaled, or done as people do it wrong, until that gives what backward returned for every probe.
 */
export function mistakeInForward(
  traced: TracedForward,
  probes: readonly Probe[],
  places: Places,
): ForwardMistake | null {
  return withGradMode(false, () => {
    if (!traced.isPlain) return null;
    const search = new TracedSearch(traced, probes, places);
    if (search.isRight) return null;
    const { names } = search;
    // Whatever makes a sum cancel gives nothing: the step next to the operand is the likely one.
    const edges = search.isNothing ? search.edges.toReversed() : search.edges;
    const named = traced.values.filter(isNamed);
    return (
      outputsSwapped(search) ??
      outputScaled(search) ??
      firstOf(search, edges, (edge) => withoutFactor(edge, names)) ??
      firstOf(search, edges, (edge) => (passesOrBlocks(edge) ? [] : withOtherValues(edge, named, names))) ??
      valueOfAll(search) ??
      partScaled(search, true) ??
      firstOf(search, edges, (edge) => leftOut(edge, names)) ??
      stretchLeftOut(search) ??
      // Transposes are mistaken in products, before they are anywhere else.
      firstOf(search, edges, (edge) => (isOfProduct(edge) ? changedSteps(edge, names) : [])) ??
      firstOf(search, edges, (edge) => changedSteps(edge, names)) ??
      factorOfAll(search) ??
      firstOf(search, edges, (edge) => withOtherValues(edge, traced.values, names)) ??
      confusedValues(search) ??
      firstOf(search, edges, (edge) => withResultAlong(edge, names)) ??
      epsilonElsewhere(search) ??
      quotientOfAll(search) ??
      ofOtherForward(search) ??
      firstOf(search, edges, (edge) => takenElsewhere(edge, traced.values, names)) ??
      sumAlongOthers(search) ??
      changedInEveryStep(search) ??
      cotangentsExchanged(search) ??
      factorInPart(search) ??
      partScaled(search, false)
    );
  });
}

function isOfProduct({ node }: Edge): boolean {
  return roleOf(node.op!.id) === "product";
}

/** The gradient of one of several outputs is ignored, or comes another number of times. */
function outputScaled({ traced, differences }: TracedSearch): ForwardMistake | null {
  const count = traced.outputs.length;
  if (count < 2) return null;
  const [first] = differences as [Difference];
  for (let output = 0; output < count; output++) {
    const partOf = ({ probe }: Difference): Float64Array =>
      traced.backward(probe.cotangents.map((cotangent, i) => (i === output ? cotangent : null))).gradient;
    const factor = 1 + proportion(first.off, partOf(first));
    const isIt = differences.every((difference) => {
      const part = partOf(difference);
      return difference.off.every((value, e) => Math.abs(value - (factor - 1) * part[e]!) <= difference.allowed);
    });
    if (!isIt || !Number.isFinite(factor)) continue;
    const which = ["first", "second", "third", "fourth"][output] ?? `${output + 1}th`;
    if (Math.abs(factor) < 1e-6) return { kind: "partial", text: `the gradient of the ${which} output is ignored` };
    if (Math.abs(factor + 1) < 1e-6) {
      return { kind: "sign", text: `what comes from the ${which} output has the wrong sign` };
    }
    return { kind: "scale", text: `what comes from the ${which} output is ${timesOf(factor)} what it must be` };
  }
  return null;
}

/** What goes through one input of one step is left out, or comes another number of times: one that is written, or any. */
function partScaled(search: TracedSearch, isWritten: boolean): ForwardMistake | null {
  const { traced, differences, names } = search;
  const [first] = differences as [Difference];
  let scaled: ForwardMistake | null = null;
  for (const [i, { node, input, contribution }] of first.edges.entries()) {
    if (search.isOver) break;
    const tensor = node.inputs[input]!;
    const through = traced.from(tensor, contribution);
    const factor = 1 + proportion(first.off, through);
    if (!Number.isFinite(factor) || Math.abs(factor - 1) < 1e-6) continue;
    const isIt = search.explains((difference) => {
      const part = difference === first ? through : traced.from(tensor, difference.edges[i]!.contribution);
      return part.map((value) => (factor - 1) * value);
    });
    if (!isIt) continue;
    const step = names.step(node);
    const what = node.inputs.length > 1 ? `${names.value(tensor)}, an operand of ${step},` : step;
    if (Math.abs(factor) < 1e-6) {
      const text = `what comes through ${what} is left out, as if it were a constant`;
      return { kind: "missing-term", text };
    }
    if (Math.abs(factor + 1) < 1e-6) {
      return { kind: "sign", text: `what comes through ${what} has the wrong sign` };
    }
    // A number that nobody would write stands for a value, which is to be named where it can be.
    if (asFraction(factor) === null && (isWritten || first.off.length < 3)) continue;
    // The step nearest to the input is the one with the factor: an exponent, a constant.
    scaled = { kind: "scale", text: `what comes through ${what} is ${timesOf(factor)} what it must be` };
  }
  return scaled;
}

function firstOf(
  search: TracedSearch,
  edges: readonly Edge[],
  changes: (edge: Edge) => Iterable<ChangedStep>,
): ForwardMistake | null {
  const masks = new Set<string>();
  for (const edge of edges) {
    const i = search.edges.indexOf(edge);
    for (const change of changes(edge)) {
      if (search.isOver) return null;
      if (holds(search, [i], [change])) {
        const { contribution: _, ...found } = change;
        return found;
      }
      // A step that reads one value for several operands is wrong in all of them.
      const both = search.edges.flatMap((other, at) => (other.node === edge.node ? [at] : []));
      if (change.kind !== "mask" || both.length < 2 || masks.has(change.text)) continue;
      masks.add(change.text);
      const every = (at: number): Iterable<ChangedStep> => changes(search.edges[at]!);
      const matching = both.map((at) => [...every(at)].find(({ text }) => text === change.text));
      if (matching.some((found) => found === undefined)) continue;
      if (holds(search, both, matching as ChangedStep[])) return { kind: change.kind, text: change.text };
    }
  }
  return null;
}

/** Whether changes of some edges, that do not lead to each other, give what backward returned. */
function holds(search: TracedSearch, at: readonly number[], changes: readonly ChangedStep[]): boolean {
  return search.explains((difference) => {
    const changed = new Float64Array(difference.off.length);
    for (const [n, index] of at.entries()) {
      const edge = difference.edges[index]!;
      const contribution = changes[n]!.contribution(edge);
      if (contribution === null) return null;
      const part = search.traced.from(edge.node.inputs[edge.input]!, contribution.sub(edge.contribution));
      for (let e = 0; e < changed.length; e++) changed[e]! += part[e]!;
    }
    return changed;
  });
}

/** In a longer forward, stretches of it are too many to try. */
const MOST_STRETCHED = 24;

/** The gradient of a value is passed on to one that it is made of in several steps, as if they were the same. */
function stretchLeftOut(search: TracedSearch): ForwardMistake | null {
  const { traced, names } = search;
  const { nodes } = traced;
  if (nodes.length > MOST_STRETCHED) return null;
  for (const node of nodes) {
    const { result } = node;
    // One step by itself is told of by another name.
    for (const start of result === null ? [] : traced.before(node)) {
      if (search.isOver) return null;
      if (!sameShape(start.shape, result!.shape) || node.inputs.includes(start)) continue;
      const isIt = search.explains(({ edges }) => {
        const upstream = edges.find((edge) => edge.node === node)?.upstream;
        if (upstream === undefined) return null;
        const passed = traced.from(start, upstream);
        return traced.from(result!, upstream).map((right, e) => passed[e]! - right);
      });
      if (!isIt) continue;
      const text = `the derivative of ${names.value(result!)} with respect to ${names.value(start)} is left out: the gradient is passed on from the one to the other as it is`;
      return { kind: "activation-derivative", text };
    }
  }
  return null;
}

/** Each output's gradient is used for another. */
function outputsSwapped({ traced, differences }: TracedSearch): ForwardMistake | null {
  if (traced.outputs.length !== 2) return null;
  const isIt = differences.every(({ probe: { given, cotangents }, allowed }) => {
    const [a = null, b = null] = cotangents;
    const fits = traced.outputs.every((output, i) => [b, a][i]?.shape.join() === output.shape.join());
    return fits && traced.backward([b, a]).gradient.every((value, e) => Math.abs(value - given[e]!) <= allowed);
  });
  return isIt
    ? {
        kind: "swapped-inputs",
        text: "the gradients of the two outputs are swapped: that of the second is used for the first, and the reverse",
      }
    : null;
}

/** c that makes c · of nearest to values. */
function proportion(values: Float64Array, of: Float64Array): number {
  let [numerator, denominator] = [0, 0];
  for (let i = 0; i < of.length; i++) {
    numerator += values[i]! * of[i]!;
    denominator += of[i]! ** 2;
  }
  return numerator / denominator;
}
