import type { Pass, PassTables } from "../autograd/pass.ts";
import type { TapeLayout } from "../autograd/tape.ts";
import type { NodeId, PassId, SiteId } from "../protocol/ids.ts";
import type { Site } from "../protocol/site.ts";
import { viewOf, type View } from "../core/view.ts";

/** A finished pass, as its readers need it beside its tape. */
export interface PassRecord {
  readonly id: PassId;
  /** How many passes had ended before this one, which may have a lower number when it ran others within it. */
  readonly ordinal: number;
  /** The pass whose hook or custom Function ran this one. */
  readonly within: PassId | null;
  readonly kind: "backward" | "grad";
  readonly site: SiteId;
  readonly layout: TapeLayout;
  readonly roots: readonly NodeId[];
  readonly loss: number | null;
  readonly steps: number;
  readonly failed: boolean;
  readonly tables: PassTables;
  /** What custom Functions passed back, by edge. */
  readonly contributions: readonly (readonly [edge: number, view: View])[];
  /** Where custom Functions' backward methods are written, by row. */
  readonly backwardSites: readonly (readonly [row: NodeId, site: Site])[];
  /** Leaves that require a gradient: the same tensor has the same number in every pass. */
  readonly parameters: readonly {
    readonly row: NodeId;
    readonly identity: number;
    /** The rate of the optimizer that it belongs to, if there is one. */
    readonly learningRate: number | null;
  }[];
  /** `.grad` of each leaf right after the pass. */
  readonly accumulated: readonly (readonly [row: NodeId, view: View])[];
}

/** The record of a finished pass; what only the session knows is handed in. */
export function recordOf(pass: Pass, more: Pick<PassRecord, "backwardSites" | "parameters">): PassRecord {
  return {
    id: pass.id,
    ordinal: pass.ordinal,
    within: pass.within,
    kind: pass.kind,
    site: pass.site,
    layout: pass.tape.layout,
    roots: pass.roots,
    loss: pass.loss,
    steps: pass.steps,
    failed: pass.failure !== undefined,
    tables: pass.tables,
    contributions: [...pass.contributions].map(([edge, tensor]) => [edge, viewOf(tensor)]),
    accumulated: pass.accumulated,
    ...more,
  };
}

/** Strings and sites that passes refer to; each is sent once, before the first pass that needs it. */
export interface TableUpdate {
  readonly ops: readonly string[];
  readonly labels: readonly string[];
  /** In order of their ids, which count from 1. */
  readonly sites: readonly Site[];
}
