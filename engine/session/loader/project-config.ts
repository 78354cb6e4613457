import { readFileSync } from "node:fs";
import path from "node:path";
import { findUp, readJson } from "./resolve-file.ts";

/** The options of a tsconfig.json that change how a file runs. */
export interface ProjectConfig {
  /** Folder that `paths` are relative to. */
  readonly pathsBase: string;
  readonly paths: Readonly<Record<string, readonly string[]>>;
  /** Where bare specifiers are looked up too, when it is set. */
  readonly baseUrl: string | null;
  readonly experimentalDecorators: boolean;
  readonly useDefineForClassFields: boolean;
}

const NONE: ProjectConfig = {
  pathsBase: "",
  paths: {},
  baseUrl: null,
  experimentalDecorators: false,
  useDefineForClassFields: true,
};

/** Settings of the projects that files lie in. A folder is looked at once in a run. */
export class ProjectConfigs {
  readonly #byFolder = new Map<string, ProjectConfig>();
  readonly #packageTypes = new Map<string, "module" | "commonjs">();

  /** The settings for a file, from the nearest tsconfig.json. */
  of(file: string): ProjectConfig {
    const folder = path.dirname(file);
    let config = this.#byFolder.get(folder);
    if (config === undefined) {
      const found = findUp(folder, "tsconfig.json");
      config = found === null ? NONE : readConfig(found, 0);
      this.#byFolder.set(folder, config);
    }
    return config;
  }

  /** "type" of the nearest package.json. */
  packageType(file: string): "module" | "commonjs" {
    const folder = path.dirname(file);
    let type = this.#packageTypes.get(folder);
    if (type === undefined) {
      const found = findUp(folder, "package.json");
      type = found !== null && readJson(found)?.["type"] === "module" ? "module" : "commonjs";
      this.#packageTypes.set(folder, type);
    }
    return type;
  }
}

function readConfig(file: string, depth: number): ProjectConfig {
  const json = readCommented(file);
  if (json === null) return NONE;
  const folder = path.dirname(file);
  const extended = json["extends"];
  const base =
    typeof extended === "string" && extended.startsWith(".") && depth < 8
      ? readConfig(path.resolve(folder, extended.endsWith(".json") ? extended : `${extended}.json`), depth + 1)
      : NONE;
  const options = asRecord(json["compilerOptions"]);
  const baseUrl = typeof options["baseUrl"] === "string" ? path.resolve(folder, options["baseUrl"]) : base.baseUrl;
  const paths = options["paths"] === undefined ? null : readPaths(asRecord(options["paths"]));
  const flag = (name: "experimentalDecorators" | "useDefineForClassFields"): boolean =>
    typeof options[name] === "boolean" ? options[name] : base[name];
  return {
    baseUrl,
    paths: paths ?? base.paths,
    pathsBase: paths === null ? base.pathsBase : (baseUrl ?? folder),
    experimentalDecorators: flag("experimentalDecorators"),
    useDefineForClassFields: flag("useDefineForClassFields"),
  };
}

const STRING = /"(?:\\.|[^"\\])*"/.source;
const COMMENT = new RegExp(`(${STRING})|//[^\\n]*|/\\*[^]*?\\*/`, "g");
const TRAILING_COMMA = new RegExp(`(${STRING})|,(?=\\s*[}\\]])`, "g");

/** A tsconfig.json may have comments and trailing commas; loading the compiler to read them would take too long. */
function readCommented(file: string): Readonly<Record<string, unknown>> | null {
  try {
    const keepStrings = (_: string, text: string | undefined): string => text ?? "";
    const text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
    const plain = text.replace(COMMENT, keepStrings).replace(TRAILING_COMMA, keepStrings);
    return asRecord(JSON.parse(plain));
  } catch {
    return null;
  }
}

function readPaths(written: Readonly<Record<string, unknown>>): Record<string, readonly string[]> {
  const paths: Record<string, readonly string[]> = {};
  for (const [pattern, targets] of Object.entries(written)) {
    if (Array.isArray(targets)) paths[pattern] = targets.filter((target) => typeof target === "string");
  }
  return paths;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** Where a bare specifier may lie by `paths` and `baseUrl`, likeliest first. */
export function mappedPaths(specifier: string, config: ProjectConfig): string[] {
  const matches = Object.entries(config.paths)
    .map(([pattern, targets]) => ({ star: matchStar(pattern, specifier), pattern, targets }))
    .filter((match) => match.star !== null)
    .sort((a, b) => b.pattern.indexOf("*") - a.pattern.indexOf("*"));
  const [best] = matches;
  const mapped = best?.targets.map((target) => path.resolve(config.pathsBase, target.replace("*", best.star ?? "")));
  return [...(mapped ?? []), ...(config.baseUrl === null ? [] : [path.resolve(config.baseUrl, specifier)])];
}

/** What the `*` of a pattern stands for; "" without one; null if it does not match. */
function matchStar(pattern: string, specifier: string): string | null {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === specifier ? "" : null;
  const [start, end] = [pattern.slice(0, star), pattern.slice(star + 1)];
  const fits = specifier.length >= start.length + end.length && specifier.startsWith(start) && specifier.endsWith(end);
  return fits ? specifier.slice(start.length, specifier.length - end.length) : null;
}
