import type { Site } from "../protocol/site.ts";
import type { PassEntries } from "./pass-entries.ts";

/**
 * What a run did to its parameters, as data: what findings argue from besides recorded passes. Whoever runs the program
 * fills it; nothing in it is specific to how.
 */
export interface Training {
  readonly parameters: readonly ParameterHistory[];
  readonly optimizers: readonly OptimizerHistory[];
  readonly modules: readonly ModuleHistory[];
  readonly passes: PassEntries;
  readonly clips: readonly ClipHistory[];
  readonly schedules: readonly ScheduleHistory[];
  readonly handSteps: readonly HandStepHistory[];
  readonly vainSwitches: readonly VainSwitchHistory[];
}

/** A line that told parameters to require a gradient which had learned before, and changed nothing. */
export interface VainSwitchHistory {
  readonly site: Site | null;
  readonly parameters: readonly number[];
  /** Number of the pass before which it ran first. */
  readonly before: number;
}

/** What a program did to its parameters itself, without an optimizer, at one line. */
export interface HandStepHistory {
  readonly site: Site | null;
  readonly parameters: readonly number[];
  /** The most often that one of them was written between passes, and how often with a gradient it had used before. */
  readonly steps: number;
  readonly staleSteps: number;
  /** Measured changes: the cosine of the angle to the gradient, the size against the weight, the learning rate. */
  readonly samples: readonly { readonly along: number; readonly ratio: number; readonly rate: number }[];
}

/** A leaf that requires a gradient, is a module's parameter, or is in an optimizer. */
export interface ParameterHistory {
  readonly id: number;
  /** Its path in its module, else its variable. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly madeAt: Site | null;
  /** A parameter of a module; else a tensor of the user's own. */
  readonly ofModule: boolean;
  /** Whether it requires a gradient now. */
  readonly learns: boolean;
  /** Where it was last told not to require one. */
  readonly frozenAt: Site | null;
  /** Numbers of the optimizers that hold it. */
  readonly optimizers: readonly number[];
  /** Passes of backward() whose graph it was part of. */
  readonly seen: number;
  /** Those in which a gradient arrived. */
  readonly reached: number;
  /** Those in which the gradient that arrived was zero everywhere. */
  readonly reachedByZero: number;
  readonly lastReached: number;
  /** Before how many passes its elements were read as plain numbers, and where and how last. */
  readonly reads: number;
  readonly readAt: Site | null;
  readonly readBy: string;
  /** Whether it was numbers of what had been computed of it that were read. */
  readonly readBehind: boolean;
  /** First and last pass whose graph it was part of; −1 of none. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Whether a module that can still be reached has it now. */
  readonly isMember: boolean;
  /** Whether its elements changed after the first pass. */
  readonly moved: boolean;
  /** Whether it was written before the first pass by something else than its module: loaded, copied, initialised. */
  readonly written: boolean;
  /** Where it was written last before the first pass; null where only its module did. */
  readonly writtenAt: Site | null;
}

export interface OptimizerHistory {
  readonly id: number;
  /** "SGD" */
  readonly type: string;
  readonly madeAt: Site | null;
  readonly groups: readonly {
    readonly options: Readonly<Record<string, unknown>>;
    readonly parameters: readonly number[];
  }[];
  readonly steps: number;
  /** Steps at which no parameter had a gradient. */
  readonly emptySteps: number;
  /** Steps for which no backward pass had run since the step before. */
  readonly idleSteps: number;
  /** Steps whose gradients held contributions that a step before had used already. */
  readonly staleSteps: number;
  /** Passes that gave a parameter of this optimizer a gradient. */
  readonly fedPasses: number;
  /** Those of them whose gradients were reset before a step could use them. */
  readonly discardedPasses: number;
  readonly zeroed: number;
  readonly largestRate: number;
  readonly lastRate: number;
  /** The last steps in a row with a thousandth of the largest rate or less. */
  readonly stepsAtNothing: number;
  readonly stepSite: Site | null;
  readonly zeroSite: Site | null;
  /** Number of the pass before which it was made. */
  readonly madeBefore: number;
}

export interface ModuleHistory {
  readonly id: number;
  readonly type: string;
  /** Its variable or, inside another, its path. */
  readonly name: string;
  readonly madeAt: Site | null;
  /** Whether it is one of the engine's own layers, not a class of the user's. */
  readonly builtIn: boolean;
  readonly calls: number;
  readonly definesBackward: boolean;
  /** Calls after which a pass ran that held nothing of them count as well. */
  readonly callsInTraining: number;
  /** Whether it works differently in training and in evaluation: dropout, batch normalisation. */
  readonly isModal: boolean;
  /** Calls of which a gradient was recorded, by mode. */
  readonly recordedInTraining: number;
  readonly recordedInEvaluation: number;
  /** Where eval() of a model around it, with all that an optimizer moves, was called last. */
  readonly evalAt: Site | null;
  /** Where an attribute of it that it does not have was set, which should have told its parameters to learn. */
  readonly toldAt?: Site | null;
  /** Calls inside noGrad in training mode, of a model that has other calls, whose results were read as numbers. */
  readonly readInTraining: number;
  readonly readAt: Site | null;
  readonly parameters: readonly number[];
  /** Modules that have it as a member. */
  readonly parents: readonly number[];
  /** At how many places of the container that holds it most often. */
  readonly places: number;
  /** Every variable that was set to it, in order. */
  readonly aliases: readonly string[];
  readonly aliasSite: Site | null;
  /** Lines of one pass at which it was called, where those were most. */
  readonly callLines: readonly Site[];
  /** Modules that have it in a plain array, object or map, in which nothing is registered. */
  readonly unregisteredIn: readonly {
    readonly module: number;
    readonly field: string;
    readonly kind: "array" | "object" | "map";
  }[];
}

/** Parameters of a module and of all modules inside it. */
export function parametersWithin(modules: readonly ModuleHistory[], id: number): Set<number> {
  const inside = new Set([id]);
  // What is inside another may be made before or after it, so they are gone through until none is new.
  for (let size = 0; size < inside.size;) {
    size = inside.size;
    for (const { id: one, parents } of modules) if (parents.some((parent) => inside.has(parent))) inside.add(one);
  }
  return new Set(modules.flatMap((one) => (inside.has(one.id) ? one.parameters : [])));
}

export interface ClipHistory {
  readonly kind: "norm" | "value";
  readonly site: Site | null;
  readonly limit: number;
  readonly calls: number;
  /** Calls in which something was cut. */
  readonly active: number;
  readonly smallestNorm: number;
  readonly medianNorm: number;
  /** Calls after the step that the gradients were meant for, or with no gradient there. */
  readonly late: number;
}

export interface ScheduleHistory {
  readonly optimizer: number;
  readonly type: string;
  readonly madeAt: Site | null;
  readonly steps: number;
  readonly stepSite: Site | null;
  /** After how many of its steps the rate was first as low as it ever was. */
  readonly lowestAfter: number;
  readonly firstRates: readonly number[];
  readonly rates: readonly number[];
}
