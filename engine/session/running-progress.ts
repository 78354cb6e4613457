import type { SessionState } from "../protocol/engine.ts";
import { Control, type SharedMemory } from "../memory/shared-memory.ts";

/** How often a running file's progress is told. */
const INTERVAL_MILLISECONDS = 200;

type Running = Extract<SessionState, { kind: "running" }>;

/** Tells how far a running file has come, from words that its thread keeps in shared memory. */
export class RunningProgress {
  readonly #memory: SharedMemory;
  readonly #tell: (state: Running) => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(memory: SharedMemory, tell: (state: Running) => void) {
    this.#memory = memory;
    this.#tell = tell;
  }

  start(): void {
    this.stop();
    let passes = this.#passes;
    let at = performance.now();
    this.#tell({ kind: "running", passes, loss: null, passesPerSecond: 0 });
    this.#timer = setInterval(() => {
      const now = performance.now();
      const count = this.#passes;
      const passesPerSecond = ((count - passes) * 1000) / (now - at);
      passes = count;
      at = now;
      const loss = count > 0 ? this.#memory.f64[Control.lastLoss / 8]! : null;
      this.#tell({ kind: "running", passes, loss, passesPerSecond });
    }, INTERVAL_MILLISECONDS);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  get #passes(): number {
    return Atomics.load(this.#memory.i32, Control.passCount >> 2);
  }
}
