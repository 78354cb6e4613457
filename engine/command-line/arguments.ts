import { extname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { EXPORT_FORMATS, isExportFormat, type ExportFormat } from "../client/export-pass.ts";
import { CHECK_MODES, type CheckMode } from "../protocol/check.ts";
import type { PythonRequest } from "../protocol/engine.ts";
import { PYTHON_EXTENSION, RECORDING_EXTENSION } from "../protocol/model-file.ts";
import type { LogFormat } from "../protocol/training-log.ts";
import { DEFAULT_TOLERANCE } from "../recording/compare/compare-passes.ts";
import { t } from "../language/translate.ts";
import { CommandLineError } from "./command-line-error.ts";
import { entryOf } from "./entry-of.ts";
import { torchrunCommand } from "./torchrun-command.ts";

/** Passes checked by default: programs whose graph follows their data may have a structure for each. */
const MOST_PASSES = 100;

/** Passes that a recording of a run keeps by default: the last ones. */
export const KEPT_PASSES = 10;

/** What `--language` takes. */
const LANGUAGES: readonly string[] = ["en", "zh-cn"];

export interface FileCommand {
  /** Absolute path; the name of a Python module where `python` says so. */
  readonly file: string;
  /** How to run it, where Python does. */
  readonly python: PythonRequest | null;
  readonly json: boolean;
  readonly threads: number | null;
  readonly seed: number | null;
  /** What the model file sees as its own arguments. */
  readonly args: readonly string[];
}

export interface RunCommand extends FileCommand {
  readonly kind: "run";
  readonly values: boolean;
  /** Where to save a recording; null for nowhere. */
  readonly record: string | null;
  /** How many of the last passes the recording keeps. */
  readonly keep: number;
  /** Where to write the training log; null for nowhere. */
  readonly log: { readonly format: LogFormat; readonly path: string } | null;
}

export interface CheckCommand extends FileCommand {
  readonly kind: "check";
  /** Null: the first pass of each distinct structure. */
  readonly pass: number | "all" | null;
  /** How many passes to check when none is asked for. */
  readonly most: number;
  readonly mode: CheckMode;
  /** Where to save a recording of the passes that are checked; null for nowhere. */
  readonly record: string | null;
}

export interface DiagnoseCommand extends FileCommand {
  readonly kind: "diagnose";
  /** Where to save a recording of the last passes, with the training log; null for nowhere. */
  readonly record: string | null;
}

export interface ShowCommand {
  readonly kind: "show";
  /** A recording, or a folder of those of several ranks. */
  readonly file: string;
  readonly json: boolean;
}

export interface CompareCommand {
  readonly kind: "compare";
  readonly files: readonly [string, string];
  readonly json: boolean;
  readonly tolerance: number;
  /** The pass of each file; null for those that both have. */
  readonly passes: readonly [number, number] | null;
}

export interface ExportCommand extends Omit<FileCommand, "json"> {
  readonly kind: "export";
  readonly format: ExportFormat;
  /** Absolute path of the file that is written. */
  readonly out: string;
  /** Null: the first of a program, the newest of a recording. */
  readonly pass: number | null;
}

/** Serves an assistant over the standard streams. */
export interface McpCommand {
  readonly kind: "mcp";
  /** Folders whose files it may name; absolute. */
  readonly folders: readonly string[];
  /** The Python for .py files; null for the one that is found. */
  readonly interpreter: string | null;
}

export type Command =
  | RunCommand
  | CheckCommand
  | DiagnoseCommand
  | ShowCommand
  | CompareCommand
  | ExportCommand
  | McpCommand
  | { readonly kind: "help" };

/** Which options each command takes besides --json, --language and --help. */
const OPTIONS = {
  run: ["values", "record", "keep", "log", "threads", "seed", "python", "module", "ranks"],
  check: ["pass", "most", "mode", "record", "threads", "seed", "python", "module"],
  diagnose: ["record", "threads", "seed", "python", "module", "ranks"],
  show: [],
  compare: ["pass", "tolerance"],
  export: ["to", "pass", "threads", "seed", "python", "module"],
  mcp: ["python"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type OptionName = (typeof OPTIONS)[keyof typeof OPTIONS][number];

/** The commands that take each of them. */
const OWNERS = new Map<OptionName, string[]>();
for (const [command, options] of Object.entries(OPTIONS)) {
  for (const option of options) OWNERS.set(option, [...(OWNERS.get(option) ?? []), command]);
}

/** @throws CommandLineError when the arguments make no sense, or the file cannot be read. */
export function parseCommandLine(argv: readonly string[]): Command {
  const split = argv.indexOf("--");
  const own = split < 0 ? argv : argv.slice(0, split);
  const args = split < 0 ? [] : argv.slice(split + 1);
  const { values, positionals } = parse(own);
  if (values.help === true || positionals[0] === "help") return { kind: "help" };
  const [kind, ...files] = positionals;
  if (kind === undefined) throw new CommandLineError(t`say what to do: ${Object.keys(OPTIONS).join(", ")}`);
  if (!isCommand(kind)) throw new CommandLineError(t`unknown command "${kind}"`);
  for (const [option, owners] of OWNERS) {
    if (values[option] !== undefined && !owners.includes(kind)) {
      throw new CommandLineError(t`${kind}: --${option} belongs to ${owners.join(t(" and "))}`);
    }
  }
  if (values.language !== undefined && !LANGUAGES.includes(values.language)) {
    throw new CommandLineError(t`--language takes ${LANGUAGES.join(", ")}, not "${values.language}"`);
  }
  const json = values.json ?? false;
  if (kind === "compare") return compareCommand(files, json, values);
  if (kind === "mcp") return mcpCommand(files, values);
  if (kind === "export") return exportCommand(files, args, values);
  const ranked = files.length === 0 && values.module === undefined && (kind === "run" || kind === "diagnose");
  const torchrun = ranked ? torchrunCommand(args, values.python ?? null) : null;
  const [path, ...extra] = torchrun ? [torchrun.file] : values.module === undefined ? files : [values.module, ...files];
  if (path === undefined)
    throw new CommandLineError(kind === "show" ? t("show: name a recording") : t`${kind}: name a model file`);
  if (extra.length > 0) throw new CommandLineError(t`${kind}: one file at a time; arguments of the file go after --`);
  if (kind === "show") return { kind, file: readablePath(path), json };
  const common = {
    file: values.module ?? (kind === "diagnose" ? readablePath(path) : readableFile(path)),
    python: torchrun?.python ?? pythonOf(path, values),
    json,
    threads: values.threads === undefined ? null : wholeNumber("--threads", values.threads, 1),
    seed: values.seed === undefined ? null : wholeNumber("--seed", values.seed, 0),
    args: torchrun ? [] : args,
  };
  const command = { ...common, record: values.record === undefined ? null : resolve(values.record) };
  if (command.record === command.file && extname(command.file) !== RECORDING_EXTENSION) {
    throw new CommandLineError(t`--record would write over ${common.file}`);
  }
  if (kind === "diagnose") return { kind, ...command };
  if (kind === "run") {
    if (extname(command.file) === RECORDING_EXTENSION) {
      throw new CommandLineError(t("run: a recording has run already; show prints what is in it"));
    }
    if (values.keep !== undefined && values.record === undefined) {
      throw new CommandLineError(t("run: --keep says how many passes --record keeps, so it needs that"));
    }
    const keep = values.keep === undefined ? KEPT_PASSES : wholeNumber("--keep", values.keep, 1);
    return { kind, ...command, values: values.values ?? false, keep, log: logOf(values.log) };
  }
  const pass = values.pass === undefined ? null : values.pass === "all" ? "all" : wholeNumber("--pass", values.pass, 0);
  if (values.most !== undefined && pass !== null) {
    throw new CommandLineError(t("check: --pass says which passes to check, so leave --most out"));
  }
  const most = values.most === undefined ? MOST_PASSES : wholeNumber("--most", values.most, 1);
  const mode = checkMode(values.mode ?? "sampled");
  return { kind, ...command, pass, most, mode };
}

/** How Python runs the file; null for a JavaScript or TypeScript file, and for a recording. */
function pythonOf(
  file: string,
  {
    python,
    module,
    ranks,
  }: {
    readonly python?: string | undefined;
    readonly module?: string | undefined;
    readonly ranks?: string | undefined;
  },
): PythonRequest | null {
  if (module === undefined && extname(file) !== PYTHON_EXTENSION) {
    if (ranks !== undefined) throw new CommandLineError(t`--ranks runs a ${PYTHON_EXTENSION} file`);
    if (python !== undefined) throw new CommandLineError(t`--python runs a ${PYTHON_EXTENSION} file`);
    return null;
  }
  return {
    ...{ interpreter: python ?? null, module: module !== undefined, cwd: process.cwd() },
    ...(ranks !== undefined && { ranks: wholeNumber("--ranks", ranks, 1) }),
  };
}

function isCommand(kind: string): kind is keyof typeof OPTIONS {
  return Object.hasOwn(OPTIONS, kind);
}

function mcpCommand(
  folders: readonly string[],
  { json, python }: { readonly json?: boolean | undefined; readonly python?: string | undefined },
): McpCommand {
  if (json !== undefined) throw new CommandLineError(t("mcp: leave --json out; it speaks JSON only"));
  const named = folders.length > 0 ? folders : ["."];
  return { kind: "mcp", folders: named.map((folder) => resolve(folder)), interpreter: python ?? null };
}

function compareCommand(
  files: readonly string[],
  json: boolean,
  values: { readonly pass?: string | undefined; readonly tolerance?: string | undefined },
): CompareCommand {
  const [first, second, ...extra] = files;
  if (first === undefined || extra.length > 0) throw new CommandLineError(t("compare: name two recordings"));
  const passes = values.pass === undefined ? null : passPair(values.pass);
  if (second === undefined && passes === null) {
    throw new CommandLineError(t("compare: name two recordings, or two passes of one with --pass A,B"));
  }
  const tolerance = values.tolerance === undefined ? DEFAULT_TOLERANCE : Number(values.tolerance);
  if (!(tolerance >= 0) || values.tolerance?.trim() === "") {
    throw new CommandLineError(t`--tolerance takes a number from 0, not "${values.tolerance ?? ""}"`);
  }
  return {
    kind: "compare",
    files: [readableFile(first), readableFile(second ?? first)],
    json,
    tolerance,
    passes,
  };
}

function exportCommand(
  names: readonly string[],
  args: readonly string[],
  values: { readonly [name in "to" | "pass" | "threads" | "seed" | "python" | "module"]?: string | undefined } & {
    readonly json?: boolean | undefined;
  },
): ExportCommand {
  if (values.json !== undefined) throw new CommandLineError(t("export: leave --json out; what it writes is JSON"));
  const { to = "" } = values;
  if (!isExportFormat(to)) {
    throw new CommandLineError(t`export: say for which tool with --to: ${Object.keys(EXPORT_FORMATS).join(t(" or "))}`);
  }
  const [file, out, ...extra] = values.module === undefined ? names : [values.module, ...names];
  if (file === undefined || out === undefined)
    throw new CommandLineError(t("export: name a file, and the file to write"));
  if (extra.length > 0) throw new CommandLineError(t("export: one file at a time; arguments of the file go after --"));
  return {
    kind: "export",
    file: values.module ?? readablePath(file),
    python: pythonOf(file, values),
    threads: values.threads === undefined ? null : wholeNumber("--threads", values.threads, 1),
    seed: values.seed === undefined ? null : wholeNumber("--seed", values.seed, 0),
    args,
    format: to,
    out: resolve(out),
    pass: values.pass === undefined ? null : wholeNumber("--pass", values.pass, 0),
  };
}

/** "3" is pass 3 of both, "3,5" pass 3 of the first and pass 5 of the second. */
function passPair(text: string): readonly [number, number] {
  const [first = "", second = first, ...extra] = text.split(",");
  if (extra.length > 0) throw new CommandLineError(t`--pass takes one pass, or two as in 3,5, not "${text}"`);
  return [wholeNumber("--pass", first, 0), wholeNumber("--pass", second, 0)];
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        values: { type: "boolean" },
        pass: { type: "string" },
        most: { type: "string" },
        mode: { type: "string" },
        record: { type: "string" },
        keep: { type: "string" },
        log: { type: "string" },
        to: { type: "string" },
        tolerance: { type: "string" },
        threads: { type: "string" },
        seed: { type: "string" },
        python: { type: "string" },
        module: { type: "string", short: "m" },
        ranks: { type: "string" },
        language: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new CommandLineError(misread(error));
  }
}

/** What was mistyped, where Node says it in English. */
function misread(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const [, option] = /'.*?(--?[^' ]+)/u.exec(message) ?? [];
  if (option === undefined) return message;
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") return t`there is no option ${option}`;
  return /does not take/u.test(message) ? t`${option} takes no value` : t`${option} takes a value`;
}

/** Where a log goes: a name that ends in ".csv" is a table's, any other that of TensorBoard's folder. */
function logOf(path: string | undefined): RunCommand["log"] {
  if (path === undefined) return null;
  return { format: extname(path).toLowerCase() === ".csv" ? "csv" : "tensorboard", path: resolve(path) };
}

function checkMode(text: string): CheckMode {
  const mode = CHECK_MODES.find((one) => one === text);
  if (!mode) throw new CommandLineError(t`--mode takes ${CHECK_MODES.join(", ")}, not "${text}"`);
  return mode;
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new CommandLineError(t`${option} takes a whole number from ${least}, not "${text}"`);
  }
  return value;
}

/** A file, or the folder that ranks wrote their recordings to. */
function readablePath(path: string): string {
  const folder = resolve(path);
  return entryOf(path)?.isDirectory() ? folder : readableFile(path);
}

function readableFile(path: string): string {
  const file = resolve(path);
  const entry = entryOf(path);
  if (!entry) throw new CommandLineError(t`there is no file ${path}`);
  if (!entry.isFile()) throw new CommandLineError(t`${path} is not a file`);
  return file;
}
