import { __keep, __kept, __label, __site, __super } from "../../context/site.ts";
import { __added } from "./added-values.ts";
import { ADDED, KEEP, KEPT, LABEL, NAMED, SITE, SUPER, TESTED, THROWN } from "./instrument.ts";
import { __named } from "./named-values.ts";
import { __tested } from "./tested-values.ts";
import { __thrown } from "./thrown-values.ts";

const globals = {
  [SITE]: __site,
  [SUPER]: __super,
  [KEEP]: __keep,
  [KEPT]: __kept,
  [LABEL]: __label,
  [THROWN]: __thrown,
  [TESTED]: __tested,
  [ADDED]: __added,
  [NAMED]: __named,
};

/**
 * Gives this thread all that instrumented code calls, which is nowhere else listed. Not enumerable and not to be changed:
 * the user's program should not notice them, and V8 takes them for constants.
 */
export function provideGlobals(): void {
  for (const [name, value] of Object.entries(globals)) {
    if (!Object.hasOwn(globalThis, name)) Object.defineProperty(globalThis, name, { value });
  }
}
