import { t } from "../../engine/language/translate.ts";
import type { Engine } from "../../engine/protocol/engine.ts";
import type { OptimizerDetail, OptimizerEntry, OptimizerParameter } from "../../engine/protocol/optimizer.ts";
import { numberText } from "../../engine/recording/number-text.ts";
import { shapeText } from "../text/tensor-text.ts";
import { tensorEntry } from "./tensor-entry.ts";
import { group, type Entry } from "./variable-store.ts";

/** Options that fit on an optimizer's own row; the others are there when it is opened. */
const MOST_OPTIONS = 3;

/** The optimizers of the model file: options, and what each remembers of every parameter. */
export function optimizerEntries(engine: Engine, optimizers: readonly OptimizerDetail[]): Entry[] {
  return optimizers.map((optimizer) => optimizerEntry(engine, optimizer));
}

function optimizerEntry(engine: Engine, { name, groups }: OptimizerDetail): Entry {
  const [only] = groups;
  if (groups.length === 1 && only) return { ...groupEntry(engine, only), name };
  return {
    name,
    value: t`${groups.length} groups`,
    expandable: group(groups.length, () =>
      Promise.resolve(groups.map((one, index) => ({ ...groupEntry(engine, one), name: t`group ${index}` }))),
    ),
    readOnly: true,
  };
}

function groupEntry(engine: Engine, { options, parameters }: OptimizerDetail["groups"][number]): Entry {
  const value = options
    .slice(0, MOST_OPTIONS)
    .map(([name, text]) => `${name}: ${text}`)
    .join(", ");
  return {
    name: "group",
    value,
    expandable: group(options.length + parameters.length, () =>
      Promise.resolve([
        ...options.map(([name, text]) => ({ name, value: text, readOnly: true })),
        ...parameters.map((parameter) => parameterEntry(engine, parameter)),
      ]),
    ),
    readOnly: true,
  };
}

function parameterEntry(engine: Engine, { name, shape, state }: OptimizerParameter): Entry {
  if (state.length === 0) return { name, value: t`${shapeText(shape)}  nothing before its first step`, readOnly: true };
  return {
    name,
    value: `${shapeText(shape)}  ${state.map((entry) => entry.name).join(", ")}`,
    expandable: group(state.length, () => Promise.all(state.map((entry) => stateEntry(engine, entry)))),
    readOnly: true,
  };
}

async function stateEntry(engine: Engine, entry: OptimizerEntry): Promise<Entry> {
  if (entry.kind === "number") return { name: entry.name, value: numberText(entry.value[0] ?? NaN), readOnly: true };
  const source = { kind: "optimizer", state: entry.state } as const;
  return tensorEntry(engine, source, entry.name, await engine.summaryOf(source));
}
