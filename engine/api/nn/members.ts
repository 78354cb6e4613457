import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** A module or parameter, with the name it has in the module that owns it: "fc1", "layers.0". */
export type Member = readonly [name: string, value: Module | Parameter];

/**
 * The modules and parameters among an object's own fields, in the order of definition. Arrays, plain objects and maps
 * in a field are looked through; private `#fields` cannot be seen.
 */
export function* membersOf(owner: object, prefix = "", seen: Set<object> = new Set()): Generator<Member> {
  for (const key of Object.keys(owner)) yield* memberAt(Reflect.get(owner, key), prefix + key, seen);
}

function* memberAt(value: unknown, name: string, seen: Set<object>): Generator<Member> {
  if (typeof value !== "object" || value === null) return;
  if (value instanceof Module || value instanceof Parameter) {
    yield [name, value];
    return;
  }
  if (seen.has(value)) return;
  if (Array.isArray(value)) {
    // A list of numbers is data, and may be long.
    if (typeof value[0] === "number") return;
    seen.add(value);
    for (let i = 0; i < value.length; i++) yield* memberAt(value[i], `${name}.${i}`, seen);
  } else if (value instanceof Map) {
    seen.add(value);
    for (const [key, entry] of value as Map<unknown, unknown>) yield* memberAt(entry, `${name}.${String(key)}`, seen);
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    seen.add(value);
    yield* membersOf(value, `${name}.`, seen);
  }
}
