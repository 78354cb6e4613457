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
  const putBack = rememberCallState();
  const outcome: { value?: T } = {};
  holder[KEY] = () => void (outcome.value = body());
  try {
    call.runInThisContext({ timeout: milliseconds });
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
