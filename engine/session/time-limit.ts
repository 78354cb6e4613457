import { Script } from "node:vm";
import { EngineError } from "../context/engine-error.ts";
import { rememberCallState } from "./call-state.ts";

const KEY = Symbol.for("backstep.limited");
const holder = globalThis as { [KEY]?: (() => void) | undefined };
/** V8 ends code that runs for too long only where a script of `node:vm` has called it. */
const call = new Script(`globalThis[Symbol.for(${JSON.stringify(KEY.description)})]()`);

/** User code was ended because it took too long. */
export class TimeLimitError extends EngineError {
  constructor(milliseconds: number) {
    super("value", `it was ended when it had run for ${milliseconds / 1000} s`);
  }
}

/**
 * Runs user code, and ends it when it takes longer than `milliseconds`. What is ended so runs none of its `finally`
 * blocks, hence the engine's own state is put back here.
 * @throws TimeLimitError when it was ended; whatever `body` throws.
 */
export function withTimeLimit<T>(milliseconds: number, body: () => T): T {
  return limited(milliseconds, milliseconds, body);
}

/** The limit, and after how long code is ended that shares it with what ran before. Both ms. */
function limited<T>(milliseconds: number, timeout: number, body: () => T): T {
  const putBack = rememberCallState();
  const outcome: { value?: T } = {};
  holder[KEY] = () => void (outcome.value = body());
  try {
    call.runInThisContext({ timeout });
  } catch (error) {
    // User code may throw anything, null included.
    if ((error as NodeJS.ErrnoException | null)?.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    putBack();
    throw new TimeLimitError(milliseconds);
  } finally {
    holder[KEY] = undefined;
  }
  return outcome.value as T;
}

/** For how long runs that follow one another may share a limit, ms. */
const SHARED_MS = 500;

/**
 * Runs user code for each item in turn, and ends it when a run takes longer than `milliseconds`, or half a second more.
 * Short runs share a limit: V8's watchdog is a thread, and starting it takes longer than most of them.
 * @throws TimeLimitError when one was ended; whatever `run` throws.
 */
export function mapWithTimeLimit<T, U>(items: readonly T[], milliseconds: number, run: (item: T) => U): U[] {
  const results: U[] = [];
  const runNext = (): void => void results.push(run(items[results.length]!));
  while (results.length < items.length) {
    const end = performance.now() + SHARED_MS;
    limited(milliseconds, milliseconds + SHARED_MS, () => {
      do runNext();
      while (results.length < items.length && performance.now() < end);
    });
  }
  return results;
}
