import { Worker, type WorkerOptions } from "node:worker_threads";
import { EngineError } from "./engine-error.ts";

const INITIALIZATION = "ERR_WORKER_INIT_FAILED";

/** A new thread. @throws EngineError in words where the system gives none */
export function startThread(entry: URL, options: WorkerOptions): Worker {
  try {
    return new Worker(entry, options);
  } catch (error) {
    throw threadError(error);
  }
}

/** Why a thread has not begun, in words: some of it is thrown, some comes as its error event. Any other error is left as it is. */
export function threadError(error: unknown): unknown {
  const { code, message } = Object(error) as { readonly code?: unknown; readonly message?: unknown };
  if (code !== INITIALIZATION) return error;
  const lacksFiles = /\b(?:EMFILE|ENFILE)\b/u.test(String(message));
  const why = lacksFiles
    ? "no more threads can be started: too many files are open"
    : "the system lets this user start no more threads";
  return new EngineError("environment", why, { cause: error });
}
