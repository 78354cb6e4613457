import { writeFileSync } from "node:fs";
import { totalmem } from "node:os";

const INTERVAL_MILLISECONDS = 100;
/** Share of the machine's memory that a model file may take before it is ended. */
const MOST = 0.5;

/**
 * Ends a model file before it takes the machine's memory: typed arrays have no limit of their own, and a machine out
 * of memory takes the editor down with it. Tells the operating system, too, which process to end first.
 * @param exceeded called once, with the bytes in use.
 * @returns stops the watch.
 */
export function watchMemory(exceeded: (bytes: number) => void): () => void {
  offerAsFirstVictim();
  const available = process.constrainedMemory();
  const machine = totalmem();
  const limit = MOST * (available > 0 && available < machine ? available : machine);
  const timer = setInterval(() => {
    const { rss } = process.memoryUsage();
    if (rss < limit) return;
    clearInterval(timer);
    exceeded(rss);
  }, INTERVAL_MILLISECONDS);
  timer.unref();
  return () => clearInterval(timer);
}

function offerAsFirstVictim(): void {
  if (process.platform !== "linux") return;
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // Not allowed here: then the system chooses as it sees fit.
  }
}
