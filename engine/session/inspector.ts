import { startRuntime } from "../core/runtime.ts";
import { createKernels } from "../kernels/create-kernels.ts";
import type { KernelBuild } from "../kernels/kernel-build.ts";
import type { ScratchArena } from "../memory/arena.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import type { Engine, EngineEvents } from "../protocol/engine.ts";
import { LiveSource } from "../reading/live-source.ts";
import { createPool, type Pool } from "../threads/pool.ts";
import { answering } from "./answering.ts";
import { CheckRunner, type FunctionRunner } from "./check-runner.ts";
import { InspectedRun } from "./inspected-run.ts";
import { LiveRun } from "./live-run.ts";
import { PassAnswers } from "./pass-answers.ts";
import { PassChecks } from "./pass-checks.ts";

export interface InspectorOptions {
  readonly memory: SharedMemory;
  /** This thread's arena: for recomputed contributions; freed after each request. */
  readonly arena: ScratchArena;
  readonly cacheFolder: string;
  readonly events: EngineEvents;
}

/** The kernels that all threads compute with, and how many threads compare; null for as many as there are cores. */
export interface ThreadOptions {
  readonly build: KernelBuild | null;
  readonly threads: number | null;
}

/**
 * The engine process's main thread: never runs user code, reads what was recorded, owns the cursor, and answers the host
 * and its panels. Each interface of the protocol is answered by one part; the parts share the {@link InspectedRun}.
 */
export class Inspector {
  /** What other processes call. */
  readonly engine: Engine;
  readonly #options: InspectorOptions;
  readonly #run: InspectedRun;
  readonly #live: LiveRun;
  #pool: Pool | null = null;
  #runner: CheckRunner | null = null;

  constructor(options: InspectorOptions) {
    this.#options = options;
    const { memory, arena, cacheFolder, events } = options;
    const source = new LiveSource(memory);
    this.#run = new InspectedRun(source, events);
    const answers = new PassAnswers(this.#run, arena, () => ({
      checking: this.#runner !== null,
      live: this.#live.launched,
    }));
    const checks = new PassChecks(this.#run, () => this.#runner);
    this.#live = new LiveRun(source, {
      memory,
      run: this.#run,
      cacheFolder,
      events,
      startThreads: (threads, functions) => this.#startThreads(threads, functions),
      released: (pass) => {
        this.#run.forget(pass);
        answers.forget(pass);
      },
    });
    this.engine = answering(answers, checks, this.#live);
  }

  /** Ends the user thread and all work under way. */
  async dispose(): Promise<void> {
    this.#runner?.dispose();
    await Promise.all([this.#live.dispose(), this.#pool?.dispose()]);
  }

  /** Starts what ops are run with: this thread's runtime, and the pool. */
  #startThreads({ build, threads }: ThreadOptions, functions: FunctionRunner | null): CheckRunner {
    const { memory, arena, events } = this.#options;
    startRuntime({ memory, arena, kernels: createKernels(memory, { build }) });
    this.#pool = createPool(memory, threads === null ? { build } : { build, threads });
    this.#runner = new CheckRunner(this.#pool, this.#run, functions, events);
    return this.#runner;
  }
}
