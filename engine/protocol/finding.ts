import type { Failure } from "./failure.ts";
import type { Site } from "./site.ts";

export type Severity = "error" | "warning" | "note";

/** Something that is wrong with a training although no gradient is, and what it is concluded from. */
export interface Finding {
  /** Name of the rule: "softmax-into-cross-entropy". */
  readonly rule: string;
  readonly severity: Severity;
  /** What was seen, why that is a fault, and what to change. */
  readonly text: string;
  readonly site: Site | null;
  readonly related: readonly { readonly text: string; readonly site: Site }[];
  readonly evidence: Readonly<Record<string, number>>;
  /** The pass in which it was first seen; null of what concerns the run. */
  readonly pass: number | null;
  /** The row of that pass's tape that it is about. */
  readonly step: number | null;
  readonly fix?: { readonly text: string; readonly edits: readonly SourceEdit[] };
}

/** Replaces a range of a source file. Lines and columns count from 1. */
export interface SourceEdit {
  readonly site: Site;
  readonly text: string;
}

/** Whether a command that looked for findings should say that something is wrong. */
export function isAlarm({ severity }: Pick<Finding, "severity">): boolean {
  return severity !== "note";
}

/** What tells a finding from all others of its run. */
export function findingKey({ rule, site }: Finding): string {
  return site === null ? rule : `${rule} ${site.file}:${site.line}:${site.column}`;
}

/** The losses of a run, as far as it went. */
export interface LossCourse {
  /** How many losses it had: one for each pass of backward(). */
  readonly passes: number;
  /** Pass by pass; of long runs the least and the largest of each few passes. NaN where they are not finite. */
  readonly losses: readonly number[];
  /** The pass from which on no loss is finite; null where the last one is. */
  readonly notFiniteFrom: number | null;
  /** Where the last loss was taken back. */
  readonly site: Site | null;
  /** The longest time between the ends of two passes, or from the start to the first, in milliseconds. */
  readonly longestWait: number;
}

/** How the run with a fix came to its end. */
export type TrialEnd =
  | {
      readonly kind: "whole";
      /** Whether the finding is gone with the fix, and what is found then. */
      readonly gone: boolean;
      readonly left: readonly Finding[];
    }
  /** The program fails with the fix. */
  | { readonly kind: "failed"; readonly failure: Failure }
  /** It was ended while it ran: by whoever watched it, or since it had so many passes, or none for so long. */
  | { readonly kind: "ended"; readonly by: "person" | "passes" | "silence"; readonly site: Site | null };

/** A run of the program with the edits of a finding's fix, in memory, beside one without them. */
export type FixTrial = {
  /** Names the finding: {@link findingKey}. */
  readonly key: string;
} & (
  | {
      readonly kind: "running";
      /** Which of the two runs, and how many passes it has made. */
      readonly part: "without" | "with";
      readonly passes: number;
    }
  | {
      readonly kind: "done";
      readonly without: LossCourse;
      readonly with: LossCourse;
      readonly end: TrialEnd;
    }
  /** Nothing could be run. */
  | { readonly kind: "failed"; readonly failure: Failure }
);

/** What can be done about a finding. */
export type FindingAction = "explain" | "apply" | "try" | "cancel";
