import { EngineError } from "../context/engine-error.ts";
import type { Checking, Engine, LiveProgram, PassReading } from "../protocol/engine.ts";
import type { Failure } from "../protocol/failure.ts";
import type { RankReading } from "../protocol/ranks.ts";
import type { Rerunning } from "../protocol/rerun.ts";

/** Who answers of the examiner of one run. */
export type ExaminerParts = readonly [
  Pick<LiveProgram, "launch" | "setBreakpoints">,
  PassReading,
  Checking,
  LiveProgram,
];
/** Who answers; the first that has a method of the request's name. */
export type EngineParts = readonly [Rerunning & RankReading & Partial<LiveProgram>, ...ExaminerParts];

/**
 * The engine as other processes call it, each request answered by the part whose interface it belongs to. Whatever goes
 * wrong is answered as a {@link Failure}, which is plain data.
 */
export function answering(parts: () => EngineParts): Engine {
  const engine = new Proxy(
    {},
    {
      get(_, name) {
        const part = (parts() as readonly object[]).find((one) => name in one);
        const method: unknown = part && Reflect.get(part, name);
        if (typeof method !== "function") return method;
        return async (...args: unknown[]): Promise<unknown> => {
          try {
            return await (Reflect.apply(method, part, args) as Promise<unknown>);
          } catch (error) {
            throw toFailure(error);
          }
        };
      },
    },
  );
  return engine as Engine;
}

function toFailure(error: unknown): Failure {
  if (error instanceof EngineError) return { kind: error.kind, message: error.message, site: null };
  if (error instanceof Error) return { kind: "request", message: error.message, site: null };
  return error as Failure;
}
