import { signal } from "@preact/signals";
import type { ShownWhatIf } from "../../engine/protocol/what-if.ts";
import type { CheckRow } from "../../engine/protocol/check.ts";
import type { PassComparison } from "../../engine/protocol/comparison.ts";
import type { Cursor } from "../../engine/protocol/cursor.ts";
import type { OutputLine, PassSummary, SessionState } from "../../engine/protocol/engine.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import type { Finding, FixTrial } from "../../engine/protocol/finding.ts";
import type { NodeStatistics, NodeTimes, PassGraph } from "../../engine/protocol/graph.ts";
import type { JobId } from "../../engine/protocol/ids.ts";
import type { NodeDetail } from "../../engine/protocol/inspection.ts";

/** False until the host has answered `ready`. */
export const started = signal(false);
/** Whether there is a session, and so whether the engine answers. */
export const session = signal(false);
export const file = signal<string | null>(null);
export const sessionState = signal<SessionState>({ kind: "idle" });
export const passes = signal<readonly PassSummary[]>([]);
export const cursor = signal<Cursor | null>(null);
export const graph = signal<PassGraph | null>(null);
export const statistics = signal<NodeStatistics | null>(null);
/** How long the ops take; null until somebody has asked for it. */
export const times = signal<NodeTimes | null>(null);
export const checkRows = signal<readonly CheckRow[]>([]);
/** A comparison with finite differences under way. */
export const check = signal<{ readonly job: JobId; readonly done: number; readonly total: number } | null>(null);
/** The shown pass beside another. */
export const comparison = signal<PassComparison | null>(null);
/** What somebody set to other values in a pass, and what follows. */
export const whatIf = signal<ShownWhatIf | null>(null);
/** What is wrong with the training; none once the file was edited. */
export const findings = signal<readonly Finding[]>([]);
/** The last trial of a fix. */
export const trial = signal<FixTrial | null>(null);
export const detail = signal<NodeDetail | null>(null);
/** What the engine last refused, or died of. */
export const failure = signal<Failure | null>(null);
/** The last lines that the model file printed, and how many were dropped. */
export const output = signal<{ readonly lines: readonly OutputLine[]; readonly dropped: number }>({
  lines: [],
  dropped: 0,
});
/** Losses of the passes that went by while running, newest last. */
export const losses = signal<readonly number[]>([]);

export const MOST_LINES = 200;
export const MOST_LOSSES = 200;
