import { adviceInNamespace } from "../../api/missing-names.ts";
import { EngineError } from "../../context/engine-error.ts";
import type { SiteId } from "../../protocol/ids.ts";

/** What "backstep" exports, once the loader has it. */
let engine: object = {};

/** Tells of which namespaces {@link __named} is to speak. */
export function knowEngine(exported: object): void {
  engine = exported;
}

/**
 * What instrumented code calls where a name of an imported object is read and handed on: `{ dtype: torch.bfloat16 }` would
 * be undefined without a word. Only what is called or read further fails by itself.
 * @throws EngineError when the owner is a namespace of ours that has no such name
 */
export function __named<T>(id: number, owner: unknown, name: string, value: T): T {
  if (value !== undefined || typeof owner !== "object" || owner === null || name in owner) return value;
  const fix = adviceInNamespace(owner, name, engine);
  if (fix === null) return value;
  throw new EngineError("value", `there is no ${name} in backstep`, { site: id as SiteId, fix });
}
