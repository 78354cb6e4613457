import { parseArgs } from "node:util";
import fc from "fast-check";
import { run as fuzzDataFiles } from "./data-files.ts";
import { run as checkEveryOp } from "./every-op.ts";
import { run as fuzzPool } from "./pool.ts";
import { run as fuzzRecordings } from "./recordings.ts";
import { checkProgram, programs, type Outcome, type Program } from "./programs.ts";
import { STEPS } from "./steps.ts";

/*
 * npm run fuzz -- [--programs 10000]     random programs: their gradients beside differences; prints the smallest that is wrong
 *                 [--recordings 100000]  recordings that say other things than they hold
 *                 [--data-files 10000]   data files, likewise
 *                 [--seed N]             the same again; a new one, printed first, where none is given
 *
 * With programs come the checker on every op, and the thread pool. A whole night's: --programs 100000.
 */
const { values } = parseArgs({
  options: {
    programs: { type: "string", default: "10000" },
    recordings: { type: "string", default: "100000" },
    "data-files": { type: "string", default: "10000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});

function count(name: keyof typeof values): number {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`--${name} is not a whole number: ${values[name]}`);
}

const SEED = count("seed");

// Before anything can go wrong: with it the same programs come again.
console.log(`seed ${SEED}`);

/** Compares random programs. @returns whether all are right */
function comparePrograms(runs: number): boolean {
  const counts: Record<Outcome["kind"], number> = { agrees: 0, wrong: 0, refused: 0, unclear: 0 };
  let done = 0;
  const property = fc.property(programs, (program) => {
    const outcome = checkProgram(program);
    counts[outcome.kind]++;
    if (++done % 1000 === 0) process.stderr.write(`${done} of ${runs}\n`);
    if (outcome.kind === "wrong") throw new Error(`gradient ${outcome.analytic}, differences ${outcome.numeric}`);
  });
  const result = fc.check(property, { numRuns: runs, seed: SEED });
  console.log(
    `${runs} programs: ${counts.agrees} agree, ${counts.refused} refused for a change in place, ${counts.unclear} too near a kink, ${counts.wrong} wrong`,
  );
  if (!result.failed) return true;
  const [program] = result.counterexample as [Program];
  console.log(String(result.errorInstance));
  console.log(`leaves ${program.leaves.map(({ shape }) => `[${shape.join(", ")}]`).join(" ")}`);
  for (const gene of program.genes) {
    console.log(`  ${String(STEPS[gene.step % STEPS.length])} a=${gene.a} b=${gene.b} p=${gene.p} q=${gene.q}`);
  }
  return false;
}

let isWell = true;
const [runs, recordings, dataFiles] = [count("programs"), count("recordings"), count("data-files")];
if (dataFiles > 0) isWell = fuzzDataFiles(dataFiles, SEED) === 0 && isWell;
if (recordings > 0) isWell = (await fuzzRecordings(recordings, SEED)) === 0 && isWell;
if (runs > 0) {
  isWell = comparePrograms(runs) && isWell;
  isWell = (await checkEveryOp(SEED)) === 0 && isWell;
  // More than the unit tests' stress.
  await fuzzPool(SEED);
}
process.exit(isWell ? 0 : 1);
