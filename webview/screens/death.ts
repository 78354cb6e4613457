import type { Failure } from "../../engine/protocol/failure.ts";

/** The engine process itself is gone, not only the user's file. */
export function isDeath({ kind }: Failure): boolean {
  return kind === "out-of-memory" || kind === "exited" || kind === "crashed";
}
