import path from "node:path";
import * as v from "valibot";
import { t } from "../../engine/language/translate.ts";
import type { LaunchRequest, PythonRequest, RecordRequest, StopOn } from "../../engine/protocol/engine.ts";
import { PYTHON_EXTENSION } from "../../engine/protocol/model-file.ts";

const MEBIBYTE = 2 ** 20;
/** How many passes a recording keeps that does not say. */
const RECORDED_PASSES = 10;

/** What a launch configuration may say. Everything but the program has a default, from the settings or from here. */
export const LaunchConfiguration = v.looseObject({
  program: v.pipe(
    v.string(t("“program” must be the path of a model file.")),
    v.check((program) => path.isAbsolute(program), t("“program” must be an absolute path.")),
  ),
  python: v.optional(v.nullable(v.string(t("“python” must be the path of an interpreter."))), null),
  module: v.optional(v.pipe(v.string(t("“module” must be the name of a Python module.")), v.minLength(1))),
  torch: v.optional(
    v.object(
      { ranks: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1) },
      t("“torch” may say how many “ranks” train together."),
    ),
    { ranks: 1 },
  ),
  args: v.optional(v.array(v.string(t("“args” must be strings."))), []),
  env: v.optional(v.record(v.string(), v.nullable(v.string())), {}),
  cwd: v.optional(v.string()),
  stopOn: v.optional(
    v.union(
      [v.picklist(["first", "every", "breakpoints"]), v.pipe(v.number(), v.integer(), v.minValue(1))],
      t("“stopOn” must be “first”, “every”, “breakpoints” or the number of a backward() call, from 1."),
    ),
    "first",
  ),
  stepBy: v.optional(v.picklist(["op", "line"], t("“stepBy” must be “op” or “line”.")), "op"),
  recording: v.optional(v.picklist(["full", "light"], t("“recording” must be “full” or “light”.")), "full"),
  record: v.optional(
    v.object(
      {
        file: v.pipe(v.string(), v.minLength(1)),
        passes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), RECORDED_PASSES),
      },
      t("“record” must name a “file”, and may say how many of the last “passes” it keeps."),
    ),
  ),
  threads: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))), null),
  historyMemory: v.optional(v.pipe(v.number(), v.minValue(0)), 128),
  seed: v.optional(v.nullable(v.pipe(v.number(), v.integer())), null),
  deterministic: v.optional(v.boolean(), false),
  findings: v.optional(v.boolean(t("“findings” must be true or false.")), false),
  noDebug: v.optional(v.boolean(), false),
});
export type LaunchConfiguration = v.InferOutput<typeof LaunchConfiguration>;

/** @throws Error with a message for the person who wrote the configuration */
export function parseLaunchConfiguration(value: unknown): LaunchConfiguration {
  const result = v.safeParse(LaunchConfiguration, value);
  if (result.success) return result.output;
  throw new Error(t`The launch configuration cannot be used. ${result.issues.map((issue) => issue.message).join(" ")}`);
}

export function launchRequestOf(configuration: LaunchConfiguration): LaunchRequest {
  return {
    program: configuration.module ?? configuration.program,
    args: configuration.args,
    stopOn: stopOnOf(configuration),
    threads: configuration.threads,
    historyBytes: configuration.historyMemory * MEBIBYTE,
    seed: configuration.seed,
    deterministic: configuration.deterministic,
    recording: configuration.recording,
    ...(configuration.findings && { findings: true }),
    ...pythonOf(configuration),
    ...(configuration.record && { record: recordOf(configuration, configuration.record) }),
  };
}

/** What a Python script is run with; nothing for other programs. The engine's process has the configuration's variables already. */
function pythonOf({ program, module, python, cwd, torch }: LaunchConfiguration): { python?: PythonRequest } {
  if (module === undefined && path.extname(program) !== PYTHON_EXTENSION) return {};
  const ranks = torch.ranks > 1 ? { ranks: torch.ranks } : {};
  return { python: { interpreter: python, module: module !== undefined, cwd: cwd ?? path.dirname(program), ...ranks } };
}

/** A relative file is one beside the program. */
function recordOf(
  { cwd, program }: LaunchConfiguration,
  { file, passes }: NonNullable<LaunchConfiguration["record"]>,
): RecordRequest {
  return { file: path.resolve(cwd ?? path.dirname(program), file), passes };
}

function stopOnOf(configuration: LaunchConfiguration): StopOn {
  if (configuration.noDebug) return { kind: "none" };
  if (typeof configuration.stopOn === "number") return { kind: "nth", n: configuration.stopOn };
  return { kind: configuration.stopOn };
}
