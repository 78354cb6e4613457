import { readdirSync } from "node:fs";
import { builtinModules } from "node:module";
import path from "node:path";
import { adviceInNamespace } from "../../api/missing-names.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { Site } from "../../protocol/site.ts";
import type { MissingModule } from "./load-failures.ts";
import { siteOf, type LoadedModule, type LoadedModules } from "./loaded-modules.ts";
import { resolveFrom } from "./resolve-file.ts";
import { closest } from "../../context/suggestion.ts";

/** What Node says when there is no such module; its other errors say more than that. */
const NOT_FOUND = ["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND", "ERR_UNSUPPORTED_DIR_IMPORT"];

/** A specifier that resolves to nothing. */
export function missingModuleFailure(
  error: Error & { readonly code?: unknown },
  { specifier, parentUrl }: MissingModule,
  modules: LoadedModules,
  fallback: Site | null,
): Failure {
  const parent = modules.find(parentUrl);
  const statement = parent && modules.importOf(parent, specifier);
  const site = parent && statement ? siteOf(parent.file, statement.range) : fallback;
  if (!NOT_FOUND.includes(String(error.code))) {
    const [firstLine = ""] = error.message.replace(/ imported from .*$/s, "").split("\n");
    return { kind: "import", message: firstLine, site };
  }
  const message = `cannot find ${specifier.startsWith(".") ? specifier : `"${specifier}"`}`;
  const fix = parent === null ? undefined : fixFor(specifier, parent.file);
  return fix === undefined ? { kind: "import", message, site } : { kind: "import", message, site, fix };
}

function fixFor(specifier: string, parent: string): string | undefined {
  if (/^\.{0,2}(?:\/|$)/.test(specifier)) {
    const name = path.posix.basename(specifier);
    const folder = path.resolve(path.dirname(parent), path.posix.dirname(specifier));
    // With the extension if it was written, else without.
    const names = list(folder).flatMap((file) => (name.includes(".") ? [file] : [path.parse(file).name]));
    const found = closest(name, new Set(names));
    return found === null ? undefined : `did you mean ${path.posix.dirname(specifier)}/${found}?`;
  }
  if (resolveFrom(parent, `./${specifier}`, true) !== null) return `did you mean ./${specifier}?`;
  const found = closest(specifier, ["backstep", ...builtinModules, ...installedPackages(path.dirname(parent))]);
  if (found !== null) return `did you mean "${found}"?`;
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
  return name === undefined || /[:#]/.test(name) ? undefined : `install it: npm install ${name}`;
}

function installedPackages(folder: string): string[] {
  const names: string[] = [];
  for (let at = folder; ; at = path.dirname(at)) {
    const packages = path.join(at, "node_modules");
    for (const name of list(packages)) {
      if (!name.startsWith("@")) names.push(name);
      else names.push(...list(path.join(packages, name)).map((inner) => `${name}/${inner}`));
    }
    if (at === path.dirname(at)) return names;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * A name that a module does not export. V8 tells the line of the statement, not the place in it: that is looked up.
 * Null for any other error.
 */
export function missingExportFailure(error: SyntaxError, modules: LoadedModules, engine: object): Failure | null {
  const module =
    /requested module '(.+?)' (?:does not provide an export|contains conflicting star exports|is a CommonJS)/;
  const specifier = module.exec(error.message)?.[1];
  const name = /(?:export named|for the name|Named export) '(.+?)'/.exec(error.message)?.[1];
  if (specifier === undefined || name === undefined) return null;
  const importer = findImporter(String(error.stack), specifier, name, modules);
  const site = importer?.site ?? null;
  const known = exportsOf(specifier, importer?.parent ?? null, modules, Object.keys(engine));
  const quoted = specifier.startsWith(".") ? specifier : `"${specifier}"`;
  const message = name === "default" ? `${quoted} has no default export` : `${quoted} does not export ${name}`;
  const near = closest(name, known);
  const meant = near === null ? undefined : `did you mean ${near}?`;
  const advice = specifier === "backstep" ? (adviceInNamespace(engine, name, engine) ?? meant) : meant;
  const isAllOfIt = name === "default" || (name === "torch" && specifier === "backstep");
  const fix = isAllOfIt ? namedInstead(specifier, known) : advice;
  return fix === undefined ? { kind: "import", message, site } : { kind: "import", message, site, fix };
}

function namedInstead(specifier: string, names: readonly string[]): string | undefined {
  if (specifier === "backstep") return 'write import * as torch from "backstep", or name what you need in { … }';
  const [first] = names;
  return first === undefined ? undefined : `import a name that it has: import { ${first} } from …`;
}

function findImporter(
  stack: string,
  specifier: string,
  name: string,
  modules: LoadedModules,
): { readonly parent: LoadedModule; readonly site: Site } | null {
  const blamed = /^(file:.+|\/.+|[A-Za-z]:[\\/].+):\d+$/m.exec(stack)?.[1];
  const first = blamed === undefined ? null : modules.find(blamed);
  const candidates = first === null ? modules.all() : [first, ...modules.all()];
  for (const parent of candidates) {
    for (const statement of parent.compiled.imports) {
      if (statement.specifier !== specifier) continue;
      const named = statement.names.find((imported) => imported.name === name);
      if (named !== undefined) return { parent, site: siteOf(parent.file, named.range) };
    }
  }
  return null;
}

function exportsOf(
  specifier: string,
  parent: LoadedModule | null,
  modules: LoadedModules,
  engineExports: readonly string[],
): readonly string[] {
  if (specifier === "backstep") return engineExports;
  if (parent === null || !specifier.startsWith(".")) return [];
  const file = resolveFrom(parent.file, specifier, true);
  return (file === null ? null : modules.find(file))?.compiled.exports ?? [];
}
