import * as models from "./models.ts";
import { timeOf } from "./row.ts";
import { withThreads } from "./runtime.ts";

/*
 * One work by itself, in a process of its own as a user's program is: what ran before it has left neither garbage nor
 * types that V8 must allow for. Prints the median milliseconds of its step, as JSON.
 *
 * node work.ts NAME THREADS quick|whole [SIZE]
 */

const WORKS = {
  mlp: models.mlpStep,
  cnn: models.cnnStep,
  lstm: models.lstmStep,
  transformer: models.transformerStep,
  bare: models.bareMlpStep,
  tiny: models.tinyOpsStep,
  scalars: models.scalarMlpStep,
} as const;
export type Work = keyof typeof WORKS;

const [name, threads, length, size] = process.argv.slice(2);
const make = WORKS[name as Work];
const milliseconds = await withThreads(Number(threads), () =>
  timeOf(size === undefined ? make() : models.tinyOpsStep(Number(size)), { quick: length === "quick" }, 9),
);
console.log(JSON.stringify({ milliseconds }));
// Pool threads that ended late must not keep the process.
process.exit(0);
