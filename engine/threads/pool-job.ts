import type { Kernels } from "../kernels/kernels.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";

/** What a job that runs alone on a pool thread may use. */
export interface JobContext {
  readonly memory: SharedMemory;
  /** Kernels that run on this thread alone. */
  readonly kernels: Kernels;
  /** Whether the job should end early; long jobs ask between steps. */
  cancelled(): boolean;
  /** Sends data to the `onProgress` of whoever started the job. */
  progress(data: unknown): void;
}

/** Handles the jobs of one kind. Payload and result are what structured cloning carries. */
export type JobHandler = (payload: unknown, context: JobContext) => unknown;

/** What the owner sends to a thread. */
export interface JobMessage {
  readonly id: number;
  readonly kind: string;
  readonly payload: unknown;
}

/** What a thread answers. */
export type JobReply =
  | { readonly id: number; readonly type: "progress"; readonly data: unknown }
  | { readonly id: number; readonly type: "result"; readonly value: unknown }
  | { readonly id: number; readonly type: "error"; readonly message: string; readonly stack: string };
