import { statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { CHECK_MODES, type CheckMode } from "../protocol/check.ts";

/** Passes checked by default: programs whose graph follows their data may have a structure for each. */
const MOST_PASSES = 100;

export class CommandLineError extends Error {}

interface FileCommand {
  /** Absolute path. */
  readonly file: string;
  readonly json: boolean;
  readonly threads: number | null;
  readonly seed: number | null;
  /** What the model file sees as its own arguments. */
  readonly args: readonly string[];
}

export interface RunCommand extends FileCommand {
  readonly kind: "run";
  readonly values: boolean;
}

export interface CheckCommand extends FileCommand {
  readonly kind: "check";
  /** Null: the first pass of each distinct structure. */
  readonly pass: number | "all" | null;
  /** How many passes to check when none is asked for. */
  readonly most: number;
  readonly mode: CheckMode;
}

/** @throws CommandLineError when the arguments make no sense, or the file cannot be read. */
export function parseCommandLine(argv: readonly string[]): RunCommand | CheckCommand | { readonly kind: "help" } {
  const split = argv.indexOf("--");
  const own = split < 0 ? argv : argv.slice(0, split);
  const args = split < 0 ? [] : argv.slice(split + 1);
  const { values, positionals } = parse(own);
  if (values.help === true || positionals[0] === "help") return { kind: "help" };
  const [kind, path, ...extra] = positionals;
  if (kind !== "run" && kind !== "check") {
    throw new CommandLineError(kind === undefined ? "say what to do: run or check" : `unknown command "${kind}"`);
  }
  if (path === undefined) throw new CommandLineError(`${kind}: name a model file`);
  if (extra.length > 0) throw new CommandLineError(`${kind}: one file at a time; arguments of the file go after --`);
  const command = {
    file: readableFile(path),
    json: values.json ?? false,
    threads: values.threads === undefined ? null : wholeNumber("--threads", values.threads, 1),
    seed: values.seed === undefined ? null : wholeNumber("--seed", values.seed, 0),
    args,
  };
  if (kind === "run") {
    for (const name of ["pass", "most", "mode"] as const) {
      if (values[name] !== undefined) throw new CommandLineError(`run: --${name} belongs to check`);
    }
    return { kind, ...command, values: values.values ?? false };
  }
  if (values.values !== undefined) throw new CommandLineError("check: --values belongs to run");
  const pass = values.pass === undefined ? null : values.pass === "all" ? "all" : wholeNumber("--pass", values.pass, 0);
  if (values.most !== undefined && pass !== null) {
    throw new CommandLineError("check: --pass says which passes to check, so leave --most out");
  }
  const most = values.most === undefined ? MOST_PASSES : wholeNumber("--most", values.most, 1);
  return { kind, ...command, pass, most, mode: checkMode(values.mode ?? "sampled") };
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
        threads: { type: "string" },
        seed: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new CommandLineError(error instanceof Error ? error.message : String(error));
  }
}

function checkMode(text: string): CheckMode {
  const mode = CHECK_MODES.find((one) => one === text);
  if (!mode) throw new CommandLineError(`--mode takes ${CHECK_MODES.join(", ")}, not "${text}"`);
  return mode;
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new CommandLineError(`${option} takes a whole number from ${least}, not "${text}"`);
  }
  return value;
}

function readableFile(path: string): string {
  const file = resolve(path);
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new CommandLineError(`there is no file ${path}`);
  if (!found.isFile()) throw new CommandLineError(`${path} is not a file`);
  return file;
}
