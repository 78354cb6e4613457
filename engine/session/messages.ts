import type { CallStacks } from "../recording/call-stacks.ts";
import type { FunctionEvaluation, FunctionResult } from "../check/replay/function-evaluator.ts";
import type { MessagePort } from "node:worker_threads";
import type { ModelRuntimeData } from "../api/model-runtime.ts";
import type { Breakpoint } from "../protocol/breakpoints.ts";
import type { LaunchRequest, LiveFrame, PassSummary, StopReason } from "../protocol/engine.ts";
import type { Failure, Frame } from "../protocol/failure.ts";
import type { NodeId, PassId, SiteId } from "../protocol/ids.ts";
import type { ForeignRecord } from "../reading/foreign-pass.ts";
import type { PassRecord, TableUpdate } from "../reading/pass-record.ts";
import type { UnplacedFinding } from "../training/rule.ts";
import type { PassReport } from "../protocol/report.ts";
import type { LogBatch } from "../recording/log/log-batch.ts";
import type { Site } from "../protocol/site.ts";
import type { OutsideSource } from "./clock-notes.ts";
import type { Hit } from "./breakpoints/hit.ts";
import type { OptimizerRecord } from "./optimizer-records.ts";

/** What the examiner gives the user thread at its start. */
export interface UserThreadData extends ModelRuntimeData {
  readonly launch: LaunchRequest;
  readonly cacheFolder: string | null;
  /** Carries {@link UserThreadMessage}s: the thread's own `parentPort` is the program's to close or to write to. */
  readonly messages: MessagePort;
  readonly requests: MessagePort;
  /** Carries {@link BreakpointList}s; looked at after each pass. */
  readonly breakpoints: MessagePort;
}

/** Something from outside that a program has read, and where it did so first. */
export interface ClockReading {
  readonly source: OutsideSource;
  readonly site: Site | null;
}

/** All breakpoints that are set now. */
export type BreakpointList = readonly Breakpoint[];

/** From the user thread to the examiner. */
export type UserThreadMessage =
  /** The thread stands still from here on. */
  | {
      readonly type: "stopped";
      /** Null when there is none but what a comparison may find. */
      readonly reason: StopReason | null;
      readonly tables: TableUpdate;
      readonly passes: readonly (PassRecord | ForeignRecord)[];
      /** Summaries of the passes that none was sent of before, kept or not. */
      readonly summaries: readonly PassSummary[];
      /** Ordinal of the oldest pass that is still kept. */
      readonly oldest: number;
      readonly optimizers: readonly OptimizerRecord[];
      readonly failure: Failure | null;
      /** Where breakpoints stop in the newest pass. */
      readonly hits: readonly Hit[];
      /** Whether the newest pass is to be compared with finite differences first, for the ops that are wrong in it. */
      readonly compare: boolean;
      /** The user's frames here, innermost first. */
      readonly frames: readonly LiveFrame[];
    }
  | {
      readonly type: "ended";
      readonly tables: TableUpdate;
      readonly passes: readonly (PassRecord | ForeignRecord)[];
      readonly summaries: readonly PassSummary[];
      /** Ordinal of the oldest pass that is still kept. */
      readonly oldest: number;
      readonly optimizers: readonly OptimizerRecord[];
      readonly failure: Failure | null;
      readonly exitCode: number;
    }
  /** A pass has ended and the thread goes on: what a recording keeps of it, should the thread never stop. */
  | {
      readonly type: "recorded";
      readonly tables: TableUpdate;
      readonly passes: readonly (PassRecord | ForeignRecord)[];
      readonly summaries: readonly PassSummary[];
      readonly oldest: number;
    }
  | { readonly type: "output"; readonly stream: "stdout" | "stderr"; readonly text: string; readonly site: number }
  /** A file was loaded, and with it came calls. */
  | { readonly type: "sites"; readonly tables: TableUpdate }
  | { readonly type: "reported"; readonly report: PassReport }
  | { readonly type: "warning"; readonly failure: Failure }
  /** The program has thrown something whose `name` is code, which may never return to who reads it. */
  | { readonly type: "thrown"; readonly site: SiteId }
  /** The program has read a clock, or something else from outside, for the first time. */
  | { readonly type: "clock"; readonly reading: ClockReading }
  /** More of the training log. Sent a few times a second, and before the thread stands still. */
  | { readonly type: "logged"; readonly batch: LogBatch }
  /** All that is known to be wrong with the training by now. Sent before the thread stands still. */
  | { readonly type: "findings"; readonly findings: readonly UnplacedFinding[] };

/**
 * A request that a frozen user thread serves: runs a custom Function of a kept pass again, on other inputs, and its
 * backward on cotangents where there are any. The views stay the sender's; those of the reply hold until the next request.
 */
export interface FunctionRequest {
  readonly id: number;
  /** Who asks, one thing after the other: a thread of a check. */
  readonly asker: number;
  readonly pass: PassId;
  readonly row: NodeId;
  readonly evaluations: readonly FunctionEvaluation[];
}

/** A request that a frozen user thread serves: where the breakpoints that are set by now stop in a kept pass. */
export interface HitsRequest {
  readonly id: number;
  readonly kind: "hits";
  readonly pass: PassId;
}

export interface HitsReply {
  readonly id: number;
  readonly hits: readonly Hit[];
}

/** A request that a frozen user thread serves: the user's frames at the time when an op of a kept pass was called. */
export interface FramesRequest {
  readonly id: number;
  readonly kind: "frames";
  readonly pass: PassId;
  readonly row: NodeId;
}

/** A request that a frozen user thread serves: the same of every op of a pass whose calls were noted. */
export interface StacksRequest {
  readonly id: number;
  readonly kind: "stacks";
  readonly pass: PassId;
}

export interface StacksReply {
  readonly id: number;
  readonly stacks: CallStacks;
}

export interface FramesReply {
  readonly id: number;
  /** Innermost first. */
  readonly frames: readonly Frame[];
}

export type ThreadRequest = FunctionRequest | HitsRequest | FramesRequest | StacksRequest;
export type ThreadReply = FunctionReply | HitsReply | FramesReply | StacksReply;

export type FunctionReply =
  | {
      readonly id: number;
      readonly results: readonly FunctionResult[];
    }
  | { readonly id: number; readonly failure: Failure };
