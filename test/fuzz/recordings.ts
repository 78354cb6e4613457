import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { syntheticRecording } from "../unit/recording/synthetic-recording.ts";
import { MOST_MEMORY, mutate, peakMemory, readWhole } from "./mutated-recordings.ts";
import { seededRandom } from "./seeded-random.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
/** What was read of so many files is let go together: what grows beyond that, one file took. */
const FILES_BETWEEN = 200;

/** Reads mutated recordings. @returns how many were not survived */
export async function run(files: number, seed: number): Promise<number> {
  const bytes = await syntheticRecording();
  let [opened, faults] = [0, 0];
  const before = peakMemory();
  for (let i = 0; i < files; i++) {
    if (i % FILES_BETWEEN === 0) collectGarbage();
    try {
      if ((await readWhole(mutate(bytes, seededRandom(seed + i)))) === "opened") opened++;
    } catch (error) {
      faults++;
      console.log(`the recording mutated by seed ${seed + i} is not survived: ${String(error)}`);
    }
  }
  const grown = peakMemory() - before;
  console.log(
    `${files} mutated recordings: ${opened} open, ${files - opened - faults} say why not, ${faults} fail, ${(grown / 2 ** 20).toFixed(0)} MiB more at most`,
  );
  if (grown > bytes.length + MOST_MEMORY) {
    faults++;
    console.log("reading them took more memory than it may");
  }
  return faults;
}
