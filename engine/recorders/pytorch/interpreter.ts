import { statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Failure } from "../../protocol/failure.ts";

/** A Python to run a script with, and how it was come by. */
export interface Interpreter {
  readonly executable: string;
  /** "--python", "the .venv of …", "python3 on the PATH": for messages. */
  readonly found: string;
}

const IS_WINDOWS = process.platform === "win32";
const IN_ENVIRONMENT = IS_WINDOWS ? ["Scripts", "python.exe"] : ["bin", "python"];
const ON_PATH = IS_WINDOWS ? ["python.exe", "python3.exe"] : ["python3", "python"];

/**
 * The Python that was asked for; else that of a `.venv` beside the script or in a folder above it; else `python3` on the PATH.
 * @throws Failure when there is none.
 */
export function findInterpreter(asked: string | null, folder: string): Interpreter {
  if (asked !== null) {
    const executable = /[\\/]/u.test(asked) ? existing(asked) : onPath([asked]);
    if (executable !== null) return { executable, found: "as it was asked for" };
    throw missing(`there is no Python ${asked}`, "name the interpreter of the environment that has torch");
  }
  const looked: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    looked.push(join(at, ".venv"));
    const executable = existing(join(at, ".venv", ...IN_ENVIRONMENT));
    if (executable !== null) return { executable, found: `of ${join(at, ".venv")}` };
    if (dirname(at) === at) break;
  }
  const executable = onPath(ON_PATH);
  if (executable !== null) return { executable, found: "on the PATH" };
  throw missing(
    `no Python was found: there is no .venv in ${folder} or above it, and no ${ON_PATH[0]} on the PATH`,
    "choose one: with “Backstep: Choose Python...” in VS Code, with --python elsewhere",
  );
}

function missing(message: string, fix: string): Failure {
  return { kind: "environment", message, site: null, fix };
}

/** A file, where there is one that can be seen. */
export function existing(file: string): string | null {
  try {
    return statSync(file).isFile() ? file : null;
  } catch {
    // It is not there, or its folder may not be read: it is looked for elsewhere.
    return null;
  }
}

function onPath(names: readonly string[]): string | null {
  for (const name of names) {
    for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
      const found = folder === "" ? null : existing(join(folder, name));
      if (found !== null) return found;
    }
  }
  return null;
}
