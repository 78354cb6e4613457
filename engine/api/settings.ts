import { EngineError } from "../context/engine-error.ts";
import { byPlace } from "../context/keywords.ts";
import { describeValue } from "../ops/operands.ts";

/**
 * The numbers that a call or a constructor was given, by place or by name.
 * @throws EngineError where a name is not among `names`, or something is missing or no number.
 */
export function settings<Name extends string>(
  type: string,
  names: readonly Name[],
  given: readonly unknown[],
  defaults: Readonly<Record<string, number>> = {},
): Record<Name, number> {
  const placed = byPlace(type, { places: names }, withoutEnd(given));
  if (placed.length > names.length) {
    throw new EngineError("value", `${type}: takes ${names.join(", ")}, and was given more`);
  }
  const entries = names.map((name, i) => {
    const value = placed[i] ?? defaults[name];
    if (typeof value === "number" && !Number.isNaN(value)) return [name, value] as const;
    throw new EngineError(
      "value",
      `${type}: ${name} must be a number, found ${value === undefined ? "nothing" : describeValue(value)}`,
    );
  });
  return Object.fromEntries(entries) as Record<Name, number>;
}

/** Without what was left out at the end. */
export function withoutEnd(given: readonly unknown[]): readonly unknown[] {
  return given.slice(0, given.findLastIndex((value) => value !== undefined) + 1);
}

/** @throws EngineError unless `value` is a whole number above 0. */
export function expectCount(type: string, name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new EngineError("value", `${type}: ${name} must be a whole number above 0, found ${value}`);
}

/** One number, by place or by name. @throws EngineError where it is missing or no number. */
export function setting(type: string, name: string, given: unknown, byDefault?: number): number {
  if (typeof given === "number" && !Number.isNaN(given)) return given;
  return settings(type, [name], [given], byDefault === undefined ? {} : { [name]: byDefault })[name]!;
}
