import { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { heavyEvaluations } from "./engine-trials.ts";
import { Room } from "./room.ts";
import { formatTable, mebibytes, type Result } from "./table.ts";
import { KINDS, type Trial } from "./trial.ts";
import { TRIALS } from "./trials.ts";
import { checksUnderLoad } from "./under-load.ts";

/*
 * npm run hostile                        all of it, on what is in dist/
 *         -- --brief                     the part that npm test runs
 *            --only PATTERN              the trials whose "kind: name" matches
 *            --dist FOLDER               what is shipped, elsewhere: the dist/ of an unpacked package
 *            --jobs N                    trials at once
 *            --each                      says of each trial what it took
 *            --checks N                  instead: N checks, 8 at a time
 *            --evaluations N             instead: at least N heavy expressions at one stop
 */
const { values } = parseArgs({
  options: {
    brief: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    dist: { type: "string", default: path.join(import.meta.dirname, "..", "..", "dist") },
    each: { type: "boolean", default: false },
    checks: { type: "string" },
    evaluations: { type: "string" },
    jobs: { type: "string", default: String(availableParallelism()) },
  },
});

/** Every so-and-so-many-th trial of a kind that has many stands for the others in the brief part. */
const ONE_IN: Partial<Record<Trial["kind"], number>> = {
  siblings: 5,
  environments: 4,
  kills: 3,
  recordings: 5,
  commands: 4,
};

const wanted = new RegExp(values.only, "u");
const amounts = [
  ...(values.checks === undefined ? [] : [checksUnderLoad(Number(values.checks))]),
  ...(values.evaluations === undefined ? [] : [heavyEvaluations(Number(values.evaluations))]),
];
const chosen = (amounts.length > 0 ? amounts : TRIALS).filter(({ kind, name }) => wanted.test(`${kind}: ${name}`));
const trials = values.brief
  ? KINDS.flatMap((kind) =>
      chosen
        .filter((trial) => trial.kind === kind && trial.long !== true)
        .filter((_, nth) => nth % (ONE_IN[kind] ?? 1) === 0),
    )
  : chosen;

async function attempt(trial: Trial): Promise<Result> {
  const started = performance.now();
  const room = new Room(path.resolve(values.dist), trial.memory);
  const faults: string[] = [];
  // A request that the engine refuses is refused with a Failure, which is plain data.
  const note = (error: unknown): void => {
    const { message } = Object(error) as { message?: unknown };
    faults.push(typeof message === "string" ? message : String(error));
  };
  await trial.run(room).catch(note);
  await room.leave().catch(note);
  const seconds = (performance.now() - started) / 1000;
  const shown = JSON.stringify(trial.name).slice(1, -1);
  for (const fault of faults) console.log(`FAULT ${trial.kind}: ${shown}: ${fault.split("\n").slice(0, 3).join(" ")}`);
  if (values.each) console.log(`${seconds.toFixed(1)} s, ${mebibytes(room.peak)}: ${trial.kind}: ${shown}`);
  return { kind: trial.kind, fault: faults.length > 0, seconds, peak: room.peak };
}

const results: Result[] = [];
const waiting = [...trials];
const work = async (): Promise<void> => {
  for (let next = waiting.shift(); next; next = waiting.shift()) results.push(await attempt(next));
};
const started = performance.now();
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
console.log(formatTable(KINDS, results));
const faults = results.filter(({ fault }) => fault).length;
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(`\n${results.length} trials, ${faults} faults, in ${seconds} s`);
process.exitCode = faults === 0 && results.length > 0 ? 0 : 1;
