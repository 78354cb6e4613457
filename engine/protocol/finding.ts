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
export function isAlarm({ severity }: Finding): boolean {
  return severity !== "note";
}
