import { parseArgs } from "node:util";
import { runCycles } from "./cycles.ts";

/*
 * npm run soak -- [--cycles 1000]     launches, steps and stops a model file again and again, and counts what is left
 */

const { values } = parseArgs({ options: { cycles: { type: "string", default: "1000" } } });
const result = await runCycles(Number(values.cycles), (done) => {
  if (done % 50 === 0) console.log(`${done} cycles`);
});
console.log(
  `${result.cycles} cycles: ${result.processes} processes, ${result.resources} resources, ${result.sessions} sessions left; ` +
    `heap grew by ${(result.heapGrowth / 2 ** 20).toFixed(1)} MiB; first stop after ${result.firstStop.toFixed(0)} ms (median)`,
);
const grown = result.heapGrowth > 16 * 2 ** 20;
process.exitCode = result.processes > 0 || result.resources > 0 || result.sessions > 0 || grown ? 1 : 0;
