import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Where /proc tells of processes; elsewhere a trial counts neither processes nor memory. */
export const canLook = existsSync("/proc/self/environ");

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // It has just ended, or is another user's.
    return "";
  }
}

/** What has ended counts as gone, though nobody may have asked for its status yet. */
function hasEnded(pid: number): boolean {
  return !/^State:\s+[^ZX\s]/mu.test(read(`/proc/${pid}/status`));
}

/** The processes that carry a variable in the environment they were started with, this one left out. */
export function processesWith(variable: string): number[] {
  if (!canLook) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && read(`/proc/${pid}/environ`).split("\0").includes(variable))
    .filter((pid) => !hasEnded(pid));
}

/** Whether it runs a file of a folder, or our recorder in Python: what a model file starts itself is its own affair. */
export function isRunOf(pid: number, folder: string): boolean {
  return read(`/proc/${pid}/cmdline`)
    .split("\0")
    .some((argument) => argument.startsWith(folder) || argument === "backstep_recorder");
}

/** The processes that a process has started. */
export function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
}

/** Bytes that a process and all that it has started hold. */
export function memoryOf(pid: number): number {
  const resident = Number(/^VmRSS:\s+(\d+) kB$/mu.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
  return childrenOf(pid).reduce((sum, child) => sum + memoryOf(child), resident);
}
