import { EngineError } from "../context/engine-error.ts";

/**
 * Refuses the file's `process.kill` where it would end what runs it: an editor, or the command line. A signal of 0 asks whether a
 * process is there, and harms nobody.
 */
export function spareParent(): void {
  const kill = process.kill.bind(process);
  process.kill = (pid, signal): true => {
    // 0 is this process's group, and -1 everybody.
    const isRunner = [0, -1, process.ppid, -process.ppid].includes(pid);
    if (isRunner && signal !== 0) {
      throw new EngineError(
        "value",
        `process.kill(${pid}): this would end what runs the file, an editor or backstep itself`,
      );
    }
    return kill(pid, signal);
  };
}
