import type { Finding, Severity } from "../protocol/finding.ts";
import type { Site } from "../protocol/site.ts";
import type { Remedy } from "./fixes/change.ts";
import type { Cut } from "./cuts.ts";
import type { LossTerm } from "./loss-terms.ts";
import type { PassSample } from "./pass-sample.ts";
import type { PassView } from "./pass-view.ts";
import type { Training } from "./training.ts";
import type { UpdateSample } from "./update-samples.ts";

/** What a rule found, without what follows from the rule. */
export interface Found {
  readonly text: string;
  readonly site: Site | null;
  readonly severity?: Severity;
  readonly related?: readonly { readonly text: string; readonly site: Site | null }[];
  readonly evidence?: Readonly<Record<string, number>>;
  readonly row?: number;
  /** The pass that the row is of, where the rule looks at the whole run. */
  readonly pass?: number;
  /** What to write instead, where that is obvious. */
  readonly remedy?: Remedy;
}

/** A finding whose edits are not made yet: that takes the text of the files. */
export interface UnplacedFinding extends Omit<Finding, "fix"> {
  readonly remedy?: Remedy;
}

/** A pass as a rule looks at it. */
export interface ExaminedPass {
  readonly view: PassView;
  readonly terms: readonly LossTerm[];
}

/** An error that enters a loss. */
export interface LossSign {
  readonly sign: number;
  readonly named: string | null;
  readonly site: Site | null;
  /** Where backward() was called. */
  readonly related: Site | null;
  /** Parameters behind it. */
  readonly parameters: Set<number>;
  /** Parameters behind constants that its prediction is made of: what another network gave, cut off. */
  readonly cutParameters: Set<number>;
  /** Where what is compared was computed. */
  readonly madeAt: Site | null;
  /** Which side of a judgement of true or false is asked for: 1 or −1; 0 where the targets are not one constant. */
  readonly asksFor: number;
}

/** The run as far as it has come, when rules look at all of it. */
export interface ExaminedRun {
  readonly training: Training;
  /** Whether the program has ended, or stands still somewhere in the middle. */
  readonly ended: boolean;
  /** Cuts that constants of the examined passes came through. */
  readonly cuts: readonly Cut[];
  /** Parameters behind any of them. */
  readonly cutParameters: ReadonlySet<number>;
  /** The sign with which errors enter losses, by the line of the error. */
  readonly lossSigns: readonly LossSign[];
  /** Lines whose targets were one constant number in every pass that was looked at. */
  readonly constantTargets: readonly { readonly site: Site | null; readonly value: number; readonly passes: number }[];
  /** Parameters that were constants of some examined pass, and those of the layers right before a loss. */
  readonly constants: ReadonlySet<number>;
  /** Passes that were looked at, in order. */
  readonly samples: readonly PassSample[];
  /** Measured steps, in order. */
  readonly updates: readonly UpdateSample[];
  /** How many times as large the largest weight has become since the first pass. */
  readonly weightGrowth: number;
  /** Sizes of the targets of differences, by the line of the difference. */
  readonly targets: readonly { readonly site: Site | null; readonly rms: number }[];
  /** Errors that are summed over elements. */
  readonly summed: readonly { readonly site: Site | null; readonly elements: number; readonly named: string | null }[];
  readonly heads: ReadonlySet<number>;
  /** Graphs that had been run and released when another backward() came to them. */
  readonly releases: readonly { readonly site: Site | null; readonly calledAt: Site | null; readonly label: string }[];
  /** Calls of backward() that found nothing to do, and what cut the path, if that is known. */
  readonly refusals: readonly { readonly site: Site | null; readonly cut: Cut | null }[];
}

/** One kind of fault: how it is recognised, and what to say and do about it. */
export interface Rule {
  /** Named after the kind of fault. */
  readonly name: string;
  readonly severity: Severity;
  /**
   * Speaks only when nothing that is certain explains what it sees: a loss that grows has its reason in a wrong sign, if
   * there is one, and not in the learning rate.
   */
  readonly after?: "certain";
  /** One line, for a list: "crossEntropy of probabilities". */
  readonly title: string;
  /** Which part of a run it looks at. */
  readonly looksAt: string;
  /** When it speaks, with the number that decides. */
  readonly threshold: string;
  /** Where that comes from. */
  readonly source: string;
  /** Why it is a fault. */
  readonly why: string;
  /** What to do. */
  readonly fix: string;
  /** In one pass; right after it, while its tensors can be read. */
  readonly inPass?: (examined: ExaminedPass) => Iterable<Found>;
  /** In the whole run so far. */
  readonly inRun?: (run: ExaminedRun) => Iterable<Found>;
}
