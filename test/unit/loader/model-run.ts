import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import type { Failure } from "../../../engine/protocol/failure.ts";
import type { Site } from "../../../engine/protocol/site.ts";

export interface ThreadData {
  readonly file: string;
  readonly cacheFolder: string;
  readonly argv: readonly string[];
  /** Without the loader. */
  readonly natively: boolean;
}

export interface ThreadResult {
  /** What the program logged with `log(…)`. */
  readonly lines: readonly string[];
  /** Names that tensors were given, in order. */
  readonly labels: readonly string[];
  readonly failure: Failure | null;
  /** What arrived as events. */
  readonly late: readonly Failure[];
  readonly sites: readonly Site[];
  readonly loadedCompiler: boolean;
}

/** One for a whole run of tests: what is kept there of the compiler itself saves each test half a second. */
const sharedCache = mkdtempSync(path.join(tmpdir(), "backstep-loader-cache-"));
process.on("exit", () => rmSync(sharedCache, { recursive: true, force: true }));

export interface RunOptions {
  /** As Node does by itself, without the loader. */
  readonly natively?: boolean;
  readonly argv?: readonly string[];
  readonly cacheFolder?: string;
}

/** Files in a folder of their own, which is gone when the test is over. */
export class ModelFolder {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async create(files: Readonly<Record<string, string>>): Promise<ModelFolder> {
    const folder = new ModelFolder(await mkdtemp(path.join(tmpdir(), "backstep-loader-")));
    await folder.write(files);
    return folder;
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const file = this.path(name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  }

  path(name: string): string {
    return path.join(this.root, name);
  }

  /** Runs a file of the folder in a thread of its own, and gives what came of it when nothing is left to do. */
  run(name: string, options: RunOptions = {}): Promise<ThreadResult> {
    const data: ThreadData = {
      file: this.path(name),
      cacheFolder: options.cacheFolder ?? sharedCache,
      argv: options.argv ?? [],
      natively: options.natively ?? false,
    };
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL("./model-thread.ts", import.meta.url), { workerData: data });
      worker.on("message", resolve);
      worker.on("error", reject);
      worker.on("exit", (code) => reject(new Error(`the thread ended with ${code} before it had reported`)));
    });
  }

  async remove(): Promise<void> {
    // A thread that has just been ended may still be writing to its cache.
    await rm(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

/** Runs the first of some files, and tidies up. */
export async function runFiles(
  files: Readonly<Record<string, string>>,
  options: RunOptions = {},
): Promise<ThreadResult & { readonly root: string }> {
  const folder = await ModelFolder.create(files);
  try {
    return { ...(await folder.run(Object.keys(files)[0]!, options)), root: folder.root };
  } finally {
    await folder.remove();
  }
}
