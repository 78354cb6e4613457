import { EngineError } from "../../context/engine-error.ts";
import type { SiteId } from "../../protocol/ids.ts";

// PyTorch's lists answer `layers[0]` and `layers[-1]`. JavaScript tells numbers in brackets only as the names of properties,
// and gives undefined for one that nobody has defined.

/** A bracket is no call, so no site is noted for it: the error's own stack says where it is. */
const NO_CALL = 0 as SiteId;
/** Indices that every list answers, so that one out of range is refused and not undefined. */
const ALWAYS = 64;

interface List<T> {
  get(index: number): T;
  set(index: number, value: T): unknown;
}

function define<T>(target: List<T>, index: number): void {
  Object.defineProperty(target, String(index), {
    configurable: true,
    get(this: List<T>): T {
      return this.get(index);
    },
    set(this: List<T>, value: T) {
      this.set(index, value);
    },
  });
}

/** Makes the lists of a class answer `list[index]`, from either end. */
export function answerInBrackets<T>(prototype: List<T>): void {
  for (let index = -ALWAYS; index < ALWAYS; index++) define(prototype, index);
}

/** Makes one list answer for its last entry, where it is longer than what its class answers for. */
export function answerForLast<T>(list: List<T>, length: number): void {
  if (length <= ALWAYS) return;
  define(list, length - 1);
  define(list, -length);
}

/** Where an entry is, its index counted from the end where it is negative. @throws EngineError when there is none. */
export function placeOf(list: string, index: number, length: number, what: "modules" | "parameters"): number {
  if (Number.isInteger(index) && index < length && index >= -length) return index < 0 ? index + length : index;
  const message =
    what === "modules"
      ? `${list}: index ${index} is out of range, it holds ${length} modules`
      : `${list}: index ${index} is out of range, it holds ${length} parameters`;
  throw new EngineError("value", message, { site: NO_CALL });
}
