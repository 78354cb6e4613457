import { CallScope, currentScope, inScope } from "../../context/scope.ts";
import { currentSite, setCurrentSite } from "../../context/site.ts";
import { programObserver } from "../../context/program-observer.ts";
import type { Module } from "./module.ts";

type Forward = (...args: never[]) => unknown;

const wrappers = new WeakSet<object>();

/** The innermost module whose forward is running. */
let running: Module | null = null;

/**
 * Puts a forward that notes the call on the tape before the one that the module's class, or a field of it, defines.
 * A field hides what the constructor installed, so this is called again once the module's fields exist.
 */
export function wrapForward(module: Module): void {
  const defined: Forward = Reflect.get<Module, "forward">(module, "forward");
  if (wrappers.has(defined)) return;
  const wrapper = (...args: never[]): unknown => call(module, defined, args);
  wrappers.add(wrapper);
  Object.defineProperty(module, "forward", { value: wrapper, writable: true, configurable: true, enumerable: false });
}

function call(module: Module, forward: Forward, args: never[]): unknown {
  const outer = running;
  const site = currentSite();
  const name = outer === null ? "" : (outer.pathOf(module) ?? module.constructor.name);
  if (outer === null) module.nameParameters();
  programObserver()?.moduleCalled(module);
  const scope = new CallScope(
    currentScope(),
    "module",
    name,
    module.constructor.name,
    module.nextCall(),
    module.madeAt,
  );
  running = module;
  try {
    return inScope(scope, () => module.runWithHooks(forward, args));
  } finally {
    running = outer;
    setCurrentSite(site);
  }
}
