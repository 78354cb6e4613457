import { __label, __site, __super } from "../../context/site.ts";
import { LABEL, SITE, SUPER, TESTED, THROWN } from "./instrument.ts";
import { __tested } from "./tested-values.ts";
import { __thrown } from "./thrown-values.ts";

const globals = { [SITE]: __site, [SUPER]: __super, [LABEL]: __label, [THROWN]: __thrown, [TESTED]: __tested };

/**
 * Gives this thread all that instrumented code calls, which is nowhere else listed. Not enumerable and not to be changed:
 * the user's program should not notice them, and V8 takes them for constants.
 */
export function provideGlobals(): void {
  for (const [name, value] of Object.entries(globals)) {
    if (!Object.hasOwn(globalThis, name)) Object.defineProperty(globalThis, name, { value });
  }
}
