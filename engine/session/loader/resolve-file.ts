import { readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";

const EXTENSIONS = [".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx", ".json"];

/** What a written extension may stand for: TypeScript has files import each other by the name of what they compile to. */
const WRITTEN_AS: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

/**
 * The file that a path in an import means: itself, `net.ts` for `net` and `net.js`, `net/index.ts` for `net`.
 * @param fromTypeScript whether a TypeScript file asks: to it `net.js` is first of all `net.ts`, as for the compiler
 */
export function resolveFile(target: string, fromTypeScript: boolean): string | null {
  const extension = path.extname(target);
  const sources = (WRITTEN_AS[extension] ?? []).map((other) => target.slice(0, -extension.length) + other);
  const isFolder = target.endsWith(path.sep) || target.endsWith("/");
  const files = isFolder
    ? []
    : [...(fromTypeScript ? [...sources, target] : [target, ...sources]), ...EXTENSIONS.map((added) => target + added)];
  return files.find(isFile) ?? resolveFolder(target, fromTypeScript);
}

function resolveFolder(folder: string, fromTypeScript: boolean): string | null {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
  const main = readJson(path.join(folder, "package.json"))?.["main"];
  if (typeof main === "string" && path.resolve(folder, main) !== path.resolve(folder)) {
    const file = resolveFile(path.resolve(folder, main), fromTypeScript);
    if (file !== null) return file;
  }
  return EXTENSIONS.map((extension) => path.join(folder, `index${extension}`)).find(isFile) ?? null;
}

/** The same, tried again where the importing file really lies when it was reached through a link. */
export function resolveFrom(parent: string, relative: string, fromTypeScript: boolean): string | null {
  const found = resolveFile(join(path.dirname(parent), relative), fromTypeScript);
  if (found !== null) return found;
  let real: string;
  try {
    real = realpathSync(parent);
  } catch {
    return null;
  }
  return real === parent ? null : resolveFile(join(path.dirname(real), relative), fromTypeScript);
}

/** Keeps a trailing slash, which asks for a folder. */
function join(folder: string, relative: string): string {
  return path.resolve(folder, relative) + (/(?:^|\/)(?:\.{0,2}\/?)$/.test(relative) ? path.sep : "");
}

/** What may not be looked at is taken for a file: whoever reads it says why it cannot be read, where "not found" would be wrong. */
function isFile(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return true;
  }
}

export function readJson(file: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The nearest file of a name in a folder or the folders around it. */
export function findUp(folder: string, name: string): string | null {
  for (let at = folder; ; at = path.dirname(at)) {
    const candidate = path.join(at, name);
    if (isFile(candidate)) return candidate;
    if (at === path.dirname(at)) return null;
  }
}
