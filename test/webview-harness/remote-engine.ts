import type { Cursor } from "../../engine/protocol/cursor.ts";
import type { Engine } from "../../engine/protocol/engine.ts";
import { decode, encode } from "./engine-json.ts";

const MOVES: ReadonlySet<string> = new Set(["moveCursor", "selectPass", "reverse"]);

/** A real engine behind the server of the page. @param moved is told where the cursor went, as an engine tells it */
export function remoteEngine(moved: (cursor: Cursor) => void): Engine {
  return new Proxy({} as Engine, {
    get: (_, method) => {
      if (typeof method !== "string" || method === "then") return undefined;
      return async (...args: unknown[]) => {
        const response = await fetch("/engine", { method: "POST", body: encode({ method, args }) });
        const result = decode(await response.text());
        if (!response.ok) throw result as Error;
        if (MOVES.has(method)) moved(result as Cursor);
        return result;
      };
    },
  });
}
