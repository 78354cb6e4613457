import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import type { UnplacedFinding } from "../../engine/training/rule.ts";
import { PRELUDE } from "./program.ts";

export interface Diagnosed {
  readonly name: string;
  /** What it threw, if it did. */
  readonly failure: string | null;
  readonly findings: readonly UnplacedFinding[];
}

/** Runs programs in one engine, and gives what was found in each, by its name. */
export async function diagnosePrograms(programs: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, Diagnosed>> {
  const folder = await mkdtemp(path.join(tmpdir(), "backstep-faults-"));
  try {
    const calls: string[] = [];
    let count = 0;
    for (const [name, program] of programs) {
      const file = `p${count++}.ts`;
      await writeFile(path.join(folder, file), PRELUDE + program);
      calls.push(`await globalThis.diagnosing(${JSON.stringify(name)}, () => import("./${file}"));`);
    }
    const entry = path.join(folder, "all.mjs");
    await writeFile(entry, calls.join("\n"));
    return await new Promise((resolve, reject) => {
      const found = new Map<string, Diagnosed>();
      const worker = new Worker(new URL("./faults-thread.ts", import.meta.url), {
        workerData: { entry, cacheFolder: path.join(folder, "cache") },
        stdout: true,
      });
      worker.on("message", (one: Diagnosed) => found.set(one.name, one));
      worker.on("error", reject);
      worker.on("exit", () => resolve(found));
    });
  } finally {
    // The thread may still be writing what it compiled.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
