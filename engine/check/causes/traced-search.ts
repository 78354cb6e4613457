import type { CauseKind } from "../../protocol/check.ts";
import type { SiteId } from "../../protocol/ids.ts";
import type { GradNode } from "../../core/grad-node.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Names } from "./changed-steps.ts";
import { largest } from "./suspect.ts";
import type { Edge, TracedForward } from "./traced-forward.ts";

/** What a backward returned for cotangents of the outputs. */
export interface Probe {
  readonly cotangents: readonly (Tensor | null)[];
  readonly given: Float64Array;
}

/** What the program's text says of a place in it. */
export interface Places {
  readonly lineOf: (site: SiteId) => number | null;
  /** The expression at the place, where it is short; else empty. */
  readonly textOf?: (site: SiteId) => string;
}

/** The one step of a forward whose gradient, changed in a certain way, gives what backward returns. */
export interface ForwardMistake {
  readonly kind: CauseKind;
  readonly text: string;
  /** It is no step that is named, but what all of the gradient lacks. */
  readonly isOfAll?: true;
  /** It is a number that the forward multiplies or divides by. */
  readonly isNumber?: true;
  /** It is a value of one element, which no factor of that size is by chance. */
  readonly isValue?: true;
}

/** What a value is called that the program has no name for, and that no step made. */
export const CONSTANT = "a constant";

/** Whether a person has given it a name, which says more than what is made on the way. */
export function isNamed({ label, ownNode }: Tensor): boolean {
  return label !== "" || (ownNode?.label ?? "") !== "";
}

/** How closely what a changed step gives must be what was returned, of the largest element. */
const TOLERANCE = 1e-7;
/** What is left of numbers that cancel, as a share of what they should give. */
const NOTHING = 1e-12;
/** Steps run backward, after which no cause is looked for: the same for a program on any machine, about a second on one. */
const MOST_WORK = 60_000;

/** What a probe's backward is off by, and the steps of the right one. */
export interface Difference {
  readonly probe: Probe;
  readonly right: Float64Array;
  readonly off: Float64Array;
  readonly edges: readonly Edge[];
  readonly allowed: number;
}

/** What all that look for a mistake in a traced forward need: the forward, what backward is off by, how to name things. */
export class TracedSearch {
  readonly traced: TracedForward;
  readonly differences: readonly Difference[];
  readonly names: Names;

  constructor(traced: TracedForward, probes: readonly Probe[], places: Places) {
    this.traced = traced;
    this.differences = probes.map((probe) => differenceOf(traced, probe));
    this.names = namesOf(places);
  }

  /** The steps that the first probe went through. */
  get edges(): readonly Edge[] {
    return this.differences[0]!.edges;
  }

  get isRight(): boolean {
    return this.differences.some(({ off, allowed }) => largest(off) <= allowed);
  }

  /** Whether nothing but rounding is left of what backward returns. */
  get isNothing(): boolean {
    return this.differences.every(({ probe, right }) => largest(probe.given) <= NOTHING * largest(right));
  }

  /** Whether too much has been tried. */
  get isOver(): boolean {
    return this.traced.work > MOST_WORK;
  }

  /** Whether a change of the gradient is what each probe's is off by; what cannot be tried is no explanation. */
  explains(changeOf: (difference: Difference) => Float64Array | null): boolean {
    return this.differences.every((difference) => {
      const changed = attempt(() => changeOf(difference));
      return changed?.every((value, e) => Math.abs(value - difference.off[e]!) <= difference.allowed) === true;
    });
  }
}

function differenceOf(traced: TracedForward, probe: Probe): Difference {
  const { gradient, edges } = traced.backward(probe.cotangents);
  const { given } = probe;
  const allowed = TOLERANCE * Math.max(largest(given), largest(gradient));
  return { probe, right: gradient, off: given.map((value, i) => value - gradient[i]!), edges, allowed };
}

function namesOf({ lineOf, textOf }: Places): Names {
  const step = (node: GradNode): string => {
    const line = lineOf(node.site);
    return line === null ? node.name : `${node.name} in line ${line}`;
  };
  const value = (tensor: Tensor): string => {
    if (tensor.label !== "") return tensor.label;
    const { ownNode } = tensor;
    if (ownNode === null) return CONSTANT;
    if (ownNode.label !== "") return ownNode.label;
    const text = textOf?.(ownNode.site) ?? "";
    return text === "" ? `the result of ${step(ownNode)}` : `(${text})`;
  };
  return { step, value };
}

function attempt<T>(body: () => T): T | null {
  try {
    return body();
  } catch {
    return null;
  }
}
