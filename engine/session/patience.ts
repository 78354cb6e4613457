import { availableParallelism, loadavg } from "node:os";

/** On a busy machine a second of a thread's own takes longer, but nobody waits for ever. */
const MOST = 3;

/**
 * By how much a limit by the clock is stretched: by how many programs have shared a processor in the last minute. It is 1 where this one
 * has it to itself, and where nobody can tell.
 */
export function patience(load = loadavg()[0] ?? 0, processors = availableParallelism()): number {
  return Math.min(MOST, Math.max(1, load / processors));
}
