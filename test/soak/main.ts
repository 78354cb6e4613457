import { parseArgs } from "node:util";
import { runCycles } from "./cycles.ts";
import { train } from "./training.ts";

/*
 * npm run soak -- [--cycles 1000]     launches, steps and stops a model file again and again, and counts what is left
 *                 [--steps 10000]     trains for so many steps in one engine, and measures what it holds
 *
 * On the engine as it is shipped. A whole night's: --cycles 10000 --steps 100000.
 */

const MEBIBYTE = 2 ** 20;
const MOST_GROWTH = 16 * MEBIBYTE;

process.env["BACKSTEP_PROGRAMS"] = "built";
const { values } = parseArgs({
  options: { cycles: { type: "string", default: "1000" }, steps: { type: "string", default: "10000" } },
});
const [cycles, steps] = [Number(values.cycles), Number(values.steps)];
const faults: string[] = [];

if (cycles > 0) {
  // Said beforehand: the first line opens standard output, which would count as left behind.
  console.log(`${cycles} cycles of launching, stepping and stopping`);
  const result = await runCycles(cycles, (done) => {
    if (done % 10 === 0) console.log(`${done} cycles`);
  });
  console.log(
    `${result.cycles} cycles: ${result.processes} processes, ${result.resources} resources, ${result.sessions} sessions, ` +
      `${result.folders} folders left; heap grew by ${(result.heapGrowth / MEBIBYTE).toFixed(1)} MiB; ` +
      `first stop after ${result.firstStop.toFixed(0)} ms (median)`,
  );
  if (result.processes > 0) faults.push("processes");
  if (result.resources > 0) faults.push("resources");
  if (result.sessions > 0) faults.push("sessions");
  if (result.folders > 0) faults.push("folders");
  if (result.heapGrowth > MOST_GROWTH) faults.push("heap");
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
