import type { Room } from "./room.ts";

/** What is tried, as the rows of the table have it. */
export const KINDS = [
  "files",
  "siblings",
  "data files",
  "evaluations",
  "environments",
  "adapter requests",
  "floods",
  "kills",
  "load",
  "recordings",
  "PyTorch",
  "TensorFlow.js",
  "commands",
] as const;
export type Kind = (typeof KINDS)[number];

export interface Trial {
  readonly kind: Kind;
  readonly name: string;
  /** Not in the part that `npm test` runs: it takes long, or others stand for it. */
  readonly long?: boolean;
  /** Bytes that the processes of the trial may hold together at any time. */
  readonly memory?: number;
  /** @throws what did not behave */
  run(room: Room): Promise<void>;
}
