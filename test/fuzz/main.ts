/**
 * Random programs, many of them: `npm run fuzz -- [runs] [seed]`, with a new seed where none is given. Prints what came
 * of them, and the smallest program whose gradient is wrong, if there is one. Then the checker on every op, recordings
 * that say other things than they hold, and the thread pool.
 */
import fc from "fast-check";
import { run as checkEveryOp } from "./every-op.ts";
import { run as fuzzPool } from "./pool.ts";
import { run as fuzzRecordings } from "./recordings.ts";
import { checkProgram, programs, type Outcome, type Program } from "./programs.ts";
import { STEPS } from "./steps.ts";

const RUNS = Number(process.argv[2] ?? 10_000);
const SEED = Number(process.argv[3] ?? Date.now() % 2 ** 31);

// Before anything can go wrong: with it the same programs come again.
console.log(`seed ${SEED}`);

const counts: Record<Outcome["kind"], number> = { agrees: 0, wrong: 0, refused: 0, unclear: 0 };
let done = 0;

const property = fc.property(programs, (program) => {
  const outcome = checkProgram(program);
  counts[outcome.kind]++;
  if (++done % 1000 === 0) process.stderr.write(`${done} of ${RUNS}\n`);
  if (outcome.kind === "wrong") throw new Error(`gradient ${outcome.analytic}, differences ${outcome.numeric}`);
});

const result = fc.check(property, { numRuns: RUNS, seed: SEED });
console.log(
  `${RUNS} programs: ${counts.agrees} agree, ${counts.refused} refused for a change in place, ${counts.unclear} too near a kink, ${counts.wrong} wrong`,
);
if (result.failed) {
  const [program] = result.counterexample as [Program];
  console.log(String(result.errorInstance));
  console.log(`leaves ${program.leaves.map(({ shape }) => `[${shape.join(", ")}]`).join(" ")}`);
  for (const gene of program.genes) {
    console.log(`  ${String(STEPS[gene.step % STEPS.length])} a=${gene.a} b=${gene.b} p=${gene.p} q=${gene.q}`);
  }
  process.exitCode = 1;
}

if ((await checkEveryOp(SEED)) > 0) process.exitCode = 1;

// Files that nobody may believe: ten for each program.
if ((await fuzzRecordings(10 * RUNS, SEED)) > 0) process.exitCode = 1;

// The pool, under more than the unit tests' stress.
await fuzzPool(SEED);
process.exit();
