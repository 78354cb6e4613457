import { realpathSync, statSync } from "node:fs";
import { extname, isAbsolute, relative, resolve } from "node:path";
import { PYTHON_EXTENSION, RECORDING_EXTENSION } from "../../protocol/model-file.ts";
import { CommandLineError } from "../command-line-error.ts";

const EXTENSIONS = [
  ".ts",
  ".mts",
  ".cts",
  ".tsx",
  ".js",
  ".mjs",
  ".cjs",
  ".jsx",
  PYTHON_EXTENSION,
  RECORDING_EXTENSION,
];

/** Which files an assistant may name: model files and recordings in the folders that the server was started for. */
export class AllowedFiles {
  readonly #roots: readonly string[];

  /** @throws CommandLineError where a root is no folder */
  constructor(roots: readonly string[]) {
    this.#roots = roots.map((root) => {
      const found = statSync(root, { throwIfNoEntry: false });
      if (!found?.isDirectory()) throw new CommandLineError(`mcp: ${root} is not a folder`);
      return realpathSync(root);
    });
  }

  /**
   * @param path absolute, or relative to one of the folders
   * @returns the absolute path, links followed, so that none leads out of the folders
   * @throws CommandLineError where there is no such file, or it lies elsewhere
   */
  find(path: string): string {
    if (!EXTENSIONS.includes(extname(path))) {
      throw new CommandLineError(`${path} is neither a model file (.ts, .js, .py) nor a recording (.backstep)`);
    }
    for (const root of this.#roots) {
      const file = resolve(root, path);
      if (!statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
      const real = realpathSync(file);
      if (this.#roots.some((folder) => isWithin(folder, real))) return real;
    }
    throw new CommandLineError(`there is no file ${path} in ${this.#roots.join(", ")}`);
  }

  /** A path as it is told: relative to the folder that it lies in. */
  shorten(file: string): string {
    const root = this.#roots.find((folder) => isWithin(folder, file));
    return root === undefined ? file : relative(root, file);
  }
}

function isWithin(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== "" && !isAbsolute(path) && path.split(/[\\/]/u)[0] !== "..";
}
