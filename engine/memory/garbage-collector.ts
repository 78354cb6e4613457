import { setFlagsFromString } from "node:v8";
import { createContext, Script } from "node:vm";

export interface GarbageCollector {
  collect(): void;
  /** Collects young objects alone: nearly free where few of them are still in use. */
  collectYoung(): void;
  /** Ends the current job's hold on what its weak references gave. */
  forgetDereferenced(): void;
}

/**
 * A weak reference keeps its target alive to the end of the job that made or read it, so a synchronous training loop
 * would never free anything. Running an empty script in a context whose microtasks are drained after each evaluation
 * ends that hold. Undocumented, hence tried once here.
 * @returns null when it does not work in this process.
 */
export function createGarbageCollector(): GarbageCollector | null {
  setFlagsFromString("--expose-gc");
  const context = createContext({}, { microtaskMode: "afterEvaluate" });
  const gc: unknown = new Script("globalThis.gc").runInContext(context);
  if (typeof gc !== "function") return null;
  const empty = new Script("0");
  const collector = {
    collect: () => {
      empty.runInContext(context);
      Reflect.apply(gc, undefined, []);
    },
    collectYoung: () => void Reflect.apply(gc, undefined, [{ type: "minor" }]),
    forgetDereferenced: () => void empty.runInContext(context),
  };
  const probe = unreachable();
  collector.collect();
  return probe.deref() === undefined ? collector : null;
}

/** In a function of its own: the frame that makes an object may keep it alive until it returns. */
function unreachable(): WeakRef<object> {
  return new WeakRef({});
}
