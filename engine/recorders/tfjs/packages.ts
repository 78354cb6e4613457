import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EngineError } from "../../context/engine-error.ts";
import { warn } from "../../context/warning.ts";
import { LOADED } from "./attach.ts";

/** A file of tfjs's packages: the folder of the package, and its name. */
const PACKAGE = /^(.*\/node_modules\/@tensorflow\/(tfjs-core|tfjs-layers)\/)dist\/[^/]+$/u;
/** The oldest release whose tape has the form that is recorded. */
const OLDEST = 3;

/** Looks at the packages of tfjs that a program loads. */
export class TfjsPackages {
  #core: string | null = null;

  /**
   * What is to follow the source of a file of theirs, so that its exports are seen; null where it is loaded as ever.
   * @throws EngineError where tfjs is too old
   */
  appendix(url: string): string | null {
    const [, folder, name] = PACKAGE.exec(url) ?? [];
    if (folder === undefined) return null;
    if (name === "tfjs-layers") return `\n;globalThis.${LOADED}(module.exports);\n`;
    if (folder !== this.#core) this.#meet(folder);
    return null;
  }

  #meet(folder: string): void {
    const path = fileURLToPath(folder);
    if (this.#core !== null) {
      const both = `${fileURLToPath(this.#core)} and ${path}`;
      warn("packages", `there are two tfjs in this program, and a tensor of one is none of the other: ${both}`);
      return;
    }
    this.#core = folder;
    const { version } = JSON.parse(readFileSync(`${path}package.json`, "utf8")) as { readonly version: string };
    if (Number.parseInt(version, 10) >= OLDEST) return;
    throw new EngineError("import", `tfjs ${version} has no tape that can be recorded (${path})`, {
      fix: `install @tensorflow/tfjs ${OLDEST} or later`,
    });
  }
}
