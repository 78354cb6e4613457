import type { Failure } from "../protocol/failure.ts";

/** A request that makes no sense now. */
export function requestFailure(message: string): Failure {
  return { kind: "request", message, site: null };
}
