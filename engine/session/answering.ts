import { EngineError } from "../context/engine-error.ts";
import type { Engine } from "../protocol/engine.ts";
import type { Failure } from "../protocol/failure.ts";

/** The engine as other processes call it: whatever goes wrong is answered as a {@link Failure}, which is plain data. */
export function answering(engine: Engine): Engine {
  return new Proxy(engine, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...args: unknown[]): Promise<unknown> => {
        try {
          return await (Reflect.apply(method, target, args) as Promise<unknown>);
        } catch (error) {
          throw toFailure(error);
        }
      };
    },
  });
}

function toFailure(error: unknown): Failure {
  if (error instanceof EngineError) return { kind: error.kind, message: error.message, site: null };
  if (error instanceof Error) return { kind: "request", message: error.message, site: null };
  return error as Failure;
}
