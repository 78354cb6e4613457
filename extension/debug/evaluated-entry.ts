import type { Engine } from "../../engine/protocol/engine.ts";
import type { EvaluatedValue, NamedValue } from "../../engine/protocol/evaluation.ts";
import { numberText } from "../../engine/recording/number-text.ts";
import { typeText } from "../text/tensor-text.ts";
import { group, type Entry } from "./variable-store.ts";

const MOST_TEXT = 120;
/** Elements of one answer. An editor asks for a hundred at a time. */
const MOST_ELEMENTS = 1_000;

/** A value of the user's program as a row of the Variables view. */
export function evaluatedEntry(engine: Engine, name: string, value: EvaluatedValue, evaluateName: string): Entry {
  const entry: Entry = { name, value: textOf(value), type: value.type, evaluateName };
  const { reference, indexed = 0 } = value;
  if (reference === 0) return entry;
  const named = async (): Promise<Entry[]> => namedEntries(engine, await engine.children(reference), evaluateName);
  if (indexed === 0) return { ...entry, expandable: group(0, named) };
  return {
    ...entry,
    expandable: {
      indexed,
      named: 0,
      children: async (filter, start, count) => {
        const page = { start, count: count === 0 ? MOST_ELEMENTS : Math.min(count, MOST_ELEMENTS) };
        const elements = filter === "named" ? [] : await engine.children(reference, page);
        return [...namedEntries(engine, elements, evaluateName), ...(filter === "indexed" ? [] : await named())];
      },
    },
  };
}

/** A tensor's shape first; numbers with three digits, as everywhere. */
function textOf({ text, tensor }: EvaluatedValue): string {
  if (!tensor) return text;
  const short = text.replace(/-?\d+\.\d+(?:e[+-]?\d+)?/g, (number) => numberText(Number(number)));
  const cut = short.length > MOST_TEXT ? `${short.slice(0, MOST_TEXT)}…` : short;
  return `${typeText(tensor.shape, tensor.dtype)}  ${cut}`;
}

/** @param of the expression that these are parts of; empty for the variables of a frame */
export function namedEntries(engine: Engine, values: readonly NamedValue[], of: string): Entry[] {
  // Imports and functions are there to be evaluated; in a list of variables they are in the way.
  const shown = of ? values : values.filter(({ value }) => value.type !== "Module" && value.type !== "Function");
  return shown.map(({ name, value }) => evaluatedEntry(engine, name, value, of ? part(of, name) : name));
}

function part(of: string, name: string): string {
  if (/^\d+$/.test(name)) return `${of}[${name}]`;
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? `${of}.${name}` : `${of}[${JSON.stringify(name)}]`;
}
