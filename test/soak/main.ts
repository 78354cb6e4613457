import { parseArgs } from "node:util";
import { Cycles, type Leftovers } from "./cycles.ts";
import { train } from "./training.ts";

/*
 * npm run soak -- [--cycles 1000]     launches, steps and stops a model file again and again, and counts what is left
 *                 [--steps 10000]     trains for so many steps in one engine, and measures what it holds
 *
 * On the engine as it is shipped. A whole night's: --cycles 10000 --steps 100000. It says how far it is, with all that is
 * counted; a signal ends it with what was counted until then.
 */

const MEBIBYTE = 2 ** 20;
const MOST_GROWTH = 16 * MEBIBYTE;
/** Cycles between two lines. */
const TELLS_EVERY = 100;

process.env["BACKSTEP_PROGRAMS"] = "built";
const { values } = parseArgs({
  options: { cycles: { type: "string", default: "1000" }, steps: { type: "string", default: "10000" } },
});
const [cycles, steps] = [Number(values.cycles), Number(values.steps)];
const faults: string[] = [];

function textOf(left: Leftovers): string {
  return (
    `${left.cycles} cycles: ${left.processes} processes, ${left.resources} resources, ${left.sessions} sessions, ` +
    `${left.folders} folders left, ${left.failures.length} failures; heap grew by ` +
    `${(left.heapGrowth / MEBIBYTE).toFixed(1)} MiB; first stop after ${left.firstStop.toFixed(0)} ms (median)`
  );
}

if (cycles > 0) {
  let isEnded = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => (isEnded = true));
  const soak = new Cycles();
  // Said beforehand: the first line opens standard output, which would count as left behind.
  console.log(`${cycles} cycles of launching, stepping and stopping`);
  await soak.run(cycles, (done) => {
    if (done % TELLS_EVERY === 0) console.log(textOf(soak.leftovers()));
    return !isEnded;
  });
  const left = soak.leftovers();
  console.log(textOf(left));
  for (const failure of left.failures) console.log(failure);
  if (left.cycles < cycles) faults.push("cycles that were not run");
  if (left.processes > 0) faults.push("processes");
  if (left.resources > 0) faults.push("resources");
  if (left.sessions > 0) faults.push("sessions");
  if (left.folders > 0) faults.push("folders");
  if (left.failures.length > 0) faults.push("cycles that failed");
  if (left.heapGrowth > MOST_GROWTH) faults.push("heap");
}

if (steps > 0) {
  const { memory, handles, seconds } = await train(steps, (line) => console.log(line));
  const growth = memory[1] - memory[0];
  console.log(
    `${steps} training steps in ${seconds.toFixed(0)} s: ${memory.map((bytes) => (bytes / MEBIBYTE).toFixed(0)).join(" → ")} MiB, ` +
      `${handles.join(" → ")} open files`,
  );
  if (growth > 2 * MOST_GROWTH) faults.push("memory of the engine");
  if (handles[1] > handles[0]) faults.push("open files");
}

if (faults.length > 0) console.log(`grown or left: ${faults.join(", ")}`);
process.exitCode = faults.length > 0 ? 1 : 0;
