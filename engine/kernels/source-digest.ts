import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Stands beside the builds and says what they were made from. */
export const DIGEST_FILE = "sources.sha256";

/**
 * Identifies the sources from which the builds are made.
 * @returns null in a bundle, where they are not.
 */
export function sourceDigest(): string | null {
  if (!import.meta.url.endsWith(".ts")) return null;
  const here = dirname(fileURLToPath(import.meta.url));
  const generator = readdirSync(join(here, "assembly")).sort();
  const digest = createHash("sha256");
  for (const file of generator) digest.update(file).update(readFileSync(join(here, "assembly", file)));
  // Where the constants of each build lie in memory.
  digest.update(readFileSync(join(here, "..", "memory", "shared-memory.ts")));
  return digest.digest("hex");
}

/**
 * Refuses builds of other sources than those beside this module: they would give wrong numbers without a word.
 * A folder without builds is nobody's.
 * @throws Error that says how to mend it.
 */
export function refuseStaleBuilds(folder: string): void {
  const expected = sourceDigest();
  if (expected === null || !existsSync(folder)) return;
  const file = join(folder, DIGEST_FILE);
  if (existsSync(file) && readFileSync(file, "utf8") === expected) return;
  throw new Error(`the kernels in ${folder} were built from other sources than these; run \`npm run build\``);
}
