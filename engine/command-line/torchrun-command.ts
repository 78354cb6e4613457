import { basename, delimiter, dirname, extname, join, resolve } from "node:path";
import type { PythonRequest } from "../protocol/engine.ts";
import { PYTHON_EXTENSION } from "../protocol/model-file.ts";
import { t } from "../language/translate.ts";
import { existing } from "../recorders/pytorch/interpreter.ts";
import { CommandLineError } from "./command-line-error.ts";
import { entryOf } from "./entry-of.ts";

/** What `backstep run -- torchrun …` runs. */
export interface TorchrunCommand {
  /** Absolute path of the script that torchrun is given. */
  readonly file: string;
  readonly python: PythonRequest;
}

/**
 * A command line that starts with torchrun, or with a Python that runs `torch.distributed.run`; null for any other.
 * @param interpreter as `--python` names it
 * @throws CommandLineError where it does not say how many ranks this machine has, or names no script
 */
export function torchrunCommand(words: readonly string[], interpreter: string | null): TorchrunCommand | null {
  const [first = "", ...rest] = words;
  const isModule = rest[0] === "-m" && rest[1] === "torch.distributed.run";
  if (basename(first, ".exe") !== "torchrun" && !isModule) return null;
  const args = isModule ? rest.slice(2) : rest;
  const file = args.find((word) => extname(word) === PYTHON_EXTENSION);
  if (file === undefined || !entryOf(file)?.isFile()) {
    throw new CommandLineError(
      file === undefined ? t("run: name the script after torchrun") : t`run: there is no file ${file}`,
    );
  }
  const python = interpreter ?? (isModule ? first : besides(first));
  return {
    file: resolve(file),
    python: { interpreter: python, module: false, cwd: process.cwd(), ranks: ranksOf(args), torchrun: args },
  };
}

/** How many processes torchrun is to start here. */
function ranksOf(args: readonly string[]): number {
  const at = args.findIndex((word) => /^--nproc[-_]per[-_]node(?:=|$)/u.test(word));
  const text = at < 0 ? "1" : (args[at]!.split("=")[1] ?? args[at + 1] ?? "");
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw new CommandLineError(t`run: say how many processes torchrun starts, as in --nproc-per-node 2, not "${text}"`);
  }
  return count;
}

/** The Python of the environment that a torchrun belongs to; null where none is beside it. */
function besides(torchrun: string): string | null {
  const folders = /[\\/]/u.test(torchrun) ? [dirname(torchrun)] : (process.env["PATH"] ?? "").split(delimiter);
  const name = basename(torchrun);
  const folder = folders.find((one) => existing(join(one, name)) !== null);
  if (folder === undefined) return null;
  const python = ["python", "python3", "python.exe"].map((one) => join(folder, one));
  return python.find((one) => existing(one) !== null) ?? null;
}
