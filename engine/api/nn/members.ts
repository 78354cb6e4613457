import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** A module or parameter, with the name it has in the module that owns it: "fc1", "layers.0". */
export type Member = readonly [name: string, value: Module | Parameter];

/**
 * The modules and parameters among an object's own fields, in the order of definition; private `#fields` cannot be seen.
 * Arrays, plain objects and maps are looked through for parameters. Modules in them are not registered, as in PyTorch:
 * that is what `ModuleList`, `ModuleDict` and `Sequential` are for.
 */
export function* membersOf(owner: object): Generator<Member> {
  for (const key of Object.keys(owner)) {
    const value: unknown = Reflect.get(owner, key);
    if (value instanceof Module) yield [key, value];
    else yield* parametersAt(value, key, new Set());
  }
}

function* parametersAt(value: unknown, name: string, seen: Set<object>): Generator<Member> {
  if (typeof value !== "object" || value === null || value instanceof Module) return;
  if (value instanceof Parameter) {
    yield [name, value];
    return;
  }
  if (seen.has(value)) return;
  seen.add(value);
  if (Array.isArray(value)) {
    // A list of numbers is data, and may be long.
    if (typeof value[0] === "number") return;
    for (let i = 0; i < value.length; i++) yield* parametersAt(value[i], `${name}.${i}`, seen);
  } else if (value instanceof Map) {
    for (const [key, entry] of value as Map<unknown, unknown>) {
      yield* parametersAt(entry, `${name}.${String(key)}`, seen);
    }
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const key of Object.keys(value)) yield* parametersAt(Reflect.get(value, key), `${name}.${key}`, seen);
  }
}

/** A module in a field that holds several things in a plain way, which registers none of them. */
export interface Unregistered {
  readonly field: string;
  readonly kind: "array" | "object" | "map";
  readonly module: Module;
}

/** The modules in plain arrays, objects and maps among an object's fields. */
export function* unregisteredIn(owner: object): Generator<Unregistered> {
  for (const field of Object.keys(owner)) {
    const value: unknown = Reflect.get(owner, field);
    const [kind, entries] = entriesOf(value);
    for (const entry of entries) if (entry instanceof Module) yield { field, kind, module: entry };
  }
}

function entriesOf(value: unknown): readonly [kind: Unregistered["kind"], entries: Iterable<unknown>] {
  // A list of numbers is data, and may be long.
  if (Array.isArray(value)) return ["array", typeof value[0] === "number" ? [] : value.flat()];
  if (value instanceof Map) return ["map", value.values()];
  const isPlain = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return ["object", isPlain ? Object.values(value) : []];
}
