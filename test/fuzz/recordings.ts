import { syntheticRecording } from "../unit/recording/synthetic-recording.ts";
import { mutate, readWhole } from "./mutated-recordings.ts";
import { seededRandom } from "./seeded-random.ts";

const MEBIBYTE = 2 ** 20;
/** What reading a file may take beside the file itself. */
const MOST_MEMORY = 100 * MEBIBYTE;

/** Reads mutated recordings. @returns how many were not survived */
export async function run(files: number, seed: number): Promise<number> {
  const bytes = await syntheticRecording();
  let [opened, faults, most] = [0, 0, 0];
  const before = process.memoryUsage().rss;
  for (let i = 0; i < files; i++) {
    try {
      if ((await readWhole(mutate(bytes, seededRandom(seed + i)))) === "opened") opened++;
    } catch (error) {
      faults++;
      console.log(`the recording mutated by seed ${seed + i} is not survived: ${String(error)}`);
    }
    if (i % 1000 === 0) most = Math.max(most, process.memoryUsage().rss - before);
  }
  const grown = (most / MEBIBYTE).toFixed(0);
  console.log(
    `${files} mutated recordings: ${opened} open, ${files - opened - faults} say why not, ${faults} fail, ${grown} MiB`,
  );
  if (most > bytes.length + MOST_MEMORY) faults++;
  return faults;
}
