import type { CauseKind } from "../../protocol/check.ts";
import type { SiteId } from "../../protocol/ids.ts";
import { withGradMode } from "../../context/grad-mode.ts";
import type { GradNode } from "../../core/grad-node.ts";
import { broadcastsTo } from "../../core/shape.ts";
import { isFloating, readElements, type Tensor } from "../../core/tensor.ts";
import { changedSteps, withOtherValues, type ChangedStep, type Names } from "./changed-steps.ts";
import { asFraction, largest, timesOf } from "./suspect.ts";
import type { Edge, TracedForward } from "./traced-forward.ts";

/** What a backward returned for cotangents of the outputs. */
export interface Probe {
  readonly cotangents: readonly (Tensor | null)[];
  readonly given: Float64Array;
}

/** The one step of a forward whose gradient, changed in a certain way, gives what backward returns. */
export interface ForwardMistake {
  readonly kind: CauseKind;
  readonly text: string;
  /** It is no step that is named, but what all of the gradient lacks. */
  readonly isOfAll?: true;
}

/** How closely what a changed step gives must be what was returned, of the largest element. */
const TOLERANCE = 1e-7;
const LIMIT_MS = 600;

/** What a probe's backward is off by, and the steps of the right one. */
interface Difference {
  readonly probe: Probe;
  readonly right: Float64Array;
  readonly off: Float64Array;
  readonly edges: readonly Edge[];
  readonly allowed: number;
}

/**
 * Looks for the one wrong step in a hand-written backward: each step of the right one, as the forward's own ops give it, is
 * left out, scaled, or done as people do it wrong, until that gives what backward returned for every probe.
 */
export function mistakeInForward(
  traced: TracedForward,
  probes: readonly Probe[],
  lineOf: (site: SiteId) => number | null,
): ForwardMistake | null {
  return withGradMode(false, () => {
    if (!traced.isPlain) return null;
    const differences = probes.map((probe) => differenceOf(traced, probe));
    if (differences.some(({ off, allowed }) => largest(off) <= allowed)) return null;
    return new Search(traced, differences, namesOf(lineOf)).find();
  });
}

function differenceOf(traced: TracedForward, probe: Probe): Difference {
  const { gradient, edges } = traced.backward(probe.cotangents);
  const { given } = probe;
  const allowed = TOLERANCE * Math.max(largest(given), largest(gradient));
  return { probe, right: gradient, off: given.map((value, i) => value - gradient[i]!), edges, allowed };
}

function namesOf(lineOf: (site: SiteId) => number | null): Names {
  const step = (node: GradNode): string => {
    const line = lineOf(node.site);
    return line === null ? node.name : `${node.name} in line ${line}`;
  };
  const value = (tensor: Tensor): string => {
    if (tensor.label !== "") return tensor.label;
    const { ownNode } = tensor;
    return ownNode === null ? "a constant" : ownNode.label !== "" ? ownNode.label : `the result of ${step(ownNode)}`;
  };
  return { step, value };
}

class Search {
  readonly #traced: TracedForward;
  readonly #differences: readonly Difference[];
  readonly #names: Names;
  readonly #deadline = performance.now() + LIMIT_MS;

  constructor(traced: TracedForward, differences: readonly Difference[], names: Names) {
    this.#traced = traced;
    this.#differences = differences;
    this.#names = names;
  }

  find(): ForwardMistake | null {
    const [{ edges }] = this.#differences as [Difference];
    return (
      this.#outputsSwapped() ??
      this.#outputScaled() ??
      this.#partScaled(true) ??
      this.#firstOf(edges, (edge) => changedSteps(edge, this.#names)) ??
      this.#factorOfAll() ??
      this.#firstOf(edges, (edge) => withOtherValues(edge, this.#traced.values, this.#names)) ??
      this.#partScaled(false)
    );
  }

  /** The gradient of one of several outputs is ignored, or comes another number of times. */
  #outputScaled(): ForwardMistake | null {
    const count = this.#traced.outputs.length;
    if (count < 2) return null;
    const [first] = this.#differences as [Difference];
    for (let output = 0; output < count; output++) {
      const partOf = ({ probe }: Difference): Float64Array =>
        this.#traced.backward(probe.cotangents.map((cotangent, i) => (i === output ? cotangent : null))).gradient;
      const factor = 1 + proportion(first.off, partOf(first));
      const isIt = this.#differences.every((difference) => {
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
  #partScaled(isWritten: boolean): ForwardMistake | null {
    const [first] = this.#differences as [Difference];
    let scaled: ForwardMistake | null = null;
    for (const [i, { node, input, contribution }] of first.edges.entries()) {
      if (this.#isLate()) break;
      const tensor = node.inputs[input]!;
      const through = this.#traced.from(tensor, contribution);
      const factor = 1 + proportion(first.off, through);
      if (!Number.isFinite(factor) || Math.abs(factor - 1) < 1e-6) continue;
      const isIt = this.#differences.every((difference) => {
        const edge = difference.edges[i]!;
        const part = difference === first ? through : this.#traced.from(tensor, edge.contribution);
        return difference.off.every((value, e) => Math.abs(value - (factor - 1) * part[e]!) <= difference.allowed);
      });
      if (!isIt) continue;
      const step = this.#names.step(node);
      const what = node.inputs.length > 1 ? `${this.#names.value(tensor)}, an operand of ${step},` : step;
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

  #firstOf(edges: readonly Edge[], changes: (edge: Edge) => Iterable<ChangedStep>): ForwardMistake | null {
    const masks = new Set<string>();
    for (const [i, edge] of edges.entries()) {
      for (const change of changes(edge)) {
        if (this.#isLate()) return null;
        if (this.#explains([i], change)) return { kind: change.kind, text: change.text };
        // A step that reads one value for several operands is wrong in all of them.
        const both = edges.flatMap((other, at) => (other.node === edge.node ? [at] : []));
        if (change.kind !== "mask" || both.length < 2 || masks.has(change.text)) continue;
        masks.add(change.text);
        const every = (at: number): Iterable<ChangedStep> => changes(edges[at]!);
        const matching = both.map((at) => [...every(at)].find(({ text }) => text === change.text));
        if (matching.some((found) => found === undefined)) continue;
        if (this.#explainsAll(both, matching as ChangedStep[])) return { kind: change.kind, text: change.text };
      }
    }
    return null;
  }

  #explains(at: readonly number[], change: ChangedStep): boolean {
    return this.#explainsAll(
      at,
      at.map(() => change),
    );
  }

  #explainsAll(at: readonly number[], changes: readonly ChangedStep[]): boolean {
    return this.#differences.every((difference) => {
      const changed = new Float64Array(difference.off.length);
      for (const [n, index] of at.entries()) {
        const edge = difference.edges[index]!;
        const tensor = edge.node.inputs[edge.input]!;
        const contribution = attempt(() => changes[n]!.contribution(edge));
        if (contribution === null) return false;
        const part = this.#traced.from(tensor, contribution.sub(edge.contribution));
        for (let e = 0; e < changed.length; e++) changed[e]! += part[e]!;
      }
      return difference.off.every((value, e) => Math.abs(value - changed[e]!) <= difference.allowed);
    });
  }

  /** All of the gradient lacks a factor that the forward has, or has one too many. */
  #factorOfAll(): ForwardMistake | null {
    const { shape } = this.#traced.input;
    for (const value of this.#traced.values) {
      const spread = isFloating(value.dtype) && value.numel() > 1 ? spreadTo(value, shape) : null;
      if (spread === null) continue;
      const factors = readElements(spread);
      for (const [of, text] of [
        [(v: number) => 1 / v, `the factor ${this.#names.value(value)} is left out`],
        [(v: number) => v, `a division by ${this.#names.value(value)} is left out`],
      ] as const) {
        const isIt = this.#differences.every(({ probe: { given }, right, allowed }) =>
          given.every((returned, e) => Math.abs(returned - right[e]! * of(factors[e]!)) <= allowed),
        );
        if (isIt)
          return {
            kind: "activation-derivative",
            text: `${text}: every element of the gradient lacks it`,
            isOfAll: true,
          };
      }
    }
    return null;
  }

  /** Each output's gradient is used for another. */
  #outputsSwapped(): ForwardMistake | null {
    const count = this.#traced.outputs.length;
    if (count !== 2) return null;
    const isIt = this.#differences.every(({ probe: { given, cotangents }, allowed }) => {
      const [a = null, b = null] = cotangents;
      const swapped = attempt(() => this.#traced.backward([b, a]).gradient);
      return swapped?.every((value, e) => Math.abs(value - given[e]!) <= allowed) === true;
    });
    return isIt
      ? {
          kind: "swapped-inputs",
          text: "the gradients of the two outputs are swapped: that of the second is used for the first, and the reverse",
        }
      : null;
  }

  #isLate(): boolean {
    return performance.now() > this.#deadline;
  }
}

/** A tensor repeated along the axes of a shape that it lacks, of which one may be any; null where it does not fit. */
function spreadTo(value: Tensor, shape: readonly number[]): Tensor | null {
  if (broadcastsTo(value.shape, shape)) return value.expand(...shape).contiguous();
  for (let axis = 0; axis < shape.length && value.rank === shape.length - 1; axis++) {
    const kept = value.unsqueeze(axis);
    if (broadcastsTo(kept.shape, shape)) return kept.expand(...shape).contiguous();
  }
  return null;
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

/** What cannot be tried is no explanation. */
function attempt<T>(body: () => T): T | null {
  try {
    return body();
  } catch {
    return null;
  }
}
