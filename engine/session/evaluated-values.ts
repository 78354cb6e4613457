import { types } from "node:util";
import { Tensor } from "../core/tensor.ts";
import * as engine from "../index.ts";
import { VALUES_KEY, type LookedAt, type ValueTools } from "./value-tools.ts";

/*
 * Runs in the user thread, for the examiner, while V8's debugger has paused it: looks at values of the user's program
 * and hands over no more of them than can be shown. Nothing here calls user code: no getter, no trap of a Proxy, no
 * method that a class of the user's may have overridden.
 */

/** Characters of a string that travel. */
const LONGEST_TEXT = 10_000;
/** Properties of an object that are listed; what has more is a table, and is looked at by expressions. */
const MOST_PROPERTIES = 1_000;
/** Integers of more bits take seconds to write as decimals. */
const LARGEST_INTEGER = 2n ** 4096n;

function bounded(value: unknown): unknown {
  if (typeof value === "string" && value.length > LONGEST_TEXT) {
    return `${value.slice(0, LONGEST_TEXT)}… (${value.length} characters)`;
  }
  if (typeof value === "bigint" && (value > LARGEST_INTEGER || value < -LARGEST_INTEGER)) return "a very large integer";
  return value;
}

/** A function of the language, taken before the user's program can replace it. */
function own(prototype: object, name: string, kind: "get" | "value"): (of: unknown) => unknown {
  const descriptor: { get?: unknown; value?: unknown } = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
  const found = descriptor[kind];
  if (typeof found !== "function") throw new Error(`${name} is missing`);
  return (of): unknown => Reflect.apply(found, of, []);
}

const typedArrayLength = own(Object.getPrototypeOf(Uint8Array.prototype) as object, "length", "get");
const mapSize = own(Map.prototype, "size", "get");
const setSize = own(Set.prototype, "size", "get");
const mapEntries = own(Map.prototype, "entries", "value");
const setValues = own(Set.prototype, "values", "value");
const nextEntry = own(Object.getPrototypeOf(new Map().entries()) as object, "next", "value");
const nextValue = own(Object.getPrototypeOf(new Set().values()) as object, "next", "value");
const textOfTensor = own(Tensor.prototype, "toString", "value");

/** How many elements a value has that are listed by number; 0 for anything that has none. */
function elementsOf(value: unknown): number {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return 0;
  if (Array.isArray(value)) return value.length;
  if (types.isTypedArray(value)) return typedArrayLength(value) as number;
  if (types.isMap(value)) return mapSize(value) as number;
  return types.isSet(value) ? (setSize(value) as number) : 0;
}

/** Without a method of arrays: an expression may just have replaced it. */
function lookAt(values: readonly unknown[]): LookedAt[] {
  const looked: LookedAt[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    looked[i] = { indexed: elementsOf(value), className: classNameOf(value), tensor: tensorOf(value) };
  }
  return looked;
}

/** `F`, `nn` and the like: modules to whoever imports them, and plain objects once they are bundled. */
const NAMESPACES: ReadonlySet<unknown> = new Set(
  Object.values<unknown>(engine).filter(
    (value) =>
      types.isModuleNamespaceObject(value) ||
      (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype),
  ),
);

function classNameOf(value: unknown): string {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return "";
  if (NAMESPACES.has(value)) return "Module";
  const prototype: unknown = Object.getPrototypeOf(value);
  const constructor = dataOf(prototype, "constructor");
  const name = typeof constructor === "function" ? dataOf(constructor, "name") : "";
  return typeof name === "string" ? name : "";
}

/** A property that is plain data, of the object itself; undefined where asking would run code. */
function dataOf(object: unknown, key: string): unknown {
  if ((typeof object !== "object" && typeof object !== "function") || object === null) return undefined;
  return types.isProxy(object) ? undefined : Object.getOwnPropertyDescriptor(object, key)?.value;
}

function tensorOf(value: unknown): LookedAt["tensor"] {
  if (types.isProxy(value) || !(value instanceof Tensor)) return null;
  try {
    return { text: textOfTensor(value) as string, shape: [...value.shape], dtype: value.dtype };
  } catch {
    // An object made from the prototype alone has no elements.
    return null;
  }
}

function named(value: object): object {
  const copy: object = Object.create(null) as object;
  if (types.isProxy(value)) return copy;
  // The elements of a long array are properties too: their names alone would fill the memory.
  const hasElements = Array.isArray(value) || types.isTypedArray(value);
  if (hasElements && elementsOf(value) > MOST_PROPERTIES) return copy;
  const keys = Reflect.ownKeys(value).filter((key) => !hasElements || typeof key !== "string" || !/^\d+$/.test(key));
  for (const key of keys.slice(0, MOST_PROPERTIES)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (!descriptor || !("value" in descriptor)) continue;
    Object.defineProperty(copy, key, { ...descriptor, value: bounded(descriptor.value), configurable: true });
  }
  if (keys.length > MOST_PROPERTIES) {
    Object.defineProperty(copy, "…", { value: `${keys.length - MOST_PROPERTIES} more`, enumerable: true });
  }
  return copy;
}

function elements(value: object, start: number, count: number): readonly unknown[] {
  const end = Math.min(start + count, elementsOf(value));
  const page: unknown[] = [];
  if (types.isMap(value)) {
    const entries = mapEntries(value);
    for (let i = 0; i < end; i++) {
      const entry = (nextEntry(entries) as IteratorResult<readonly [unknown, unknown], never>).value;
      if (i >= start) page.push({ key: bounded(entry[0]), value: bounded(entry[1]) });
    }
    return page;
  }
  if (types.isSet(value)) {
    const values = setValues(value);
    for (let i = 0; i < end; i++) {
      const next = (nextValue(values) as IteratorResult<unknown, unknown>).value;
      if (i >= start) page.push(bounded(next));
    }
    return page;
  }
  for (let i = start; i < end; i++) {
    const descriptor = Object.getOwnPropertyDescriptor(value, i);
    page.push(descriptor && "value" in descriptor ? bounded(descriptor.value) : undefined);
  }
  return page;
}

/** Puts {@link ValueTools} where the debugger finds them. */
export function lookAtValues(leave: ValueTools["leave"]): void {
  const tools: ValueTools = { bounded, lookAt, named, elements, leave };
  Object.defineProperty(globalThis, Symbol.for(VALUES_KEY), { value: Object.freeze(tools) });
}
