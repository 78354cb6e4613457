import { existsSync, readFileSync } from "node:fs";
import { isBuiltin, registerHooks, type LoadFnOutput, type LoadHookContext, type ResolveFnOutput } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { COMPILER_URL, type CompileCache } from "./compile-cache.ts";
import type { CompiledModule } from "./compiled-module.ts";
import { TfjsPackages } from "../../recorders/tfjs/packages.ts";
import { deepestPlace } from "./deepest-place.ts";
import {
  isStackOverflow,
  jsonFailure,
  nestedTooDeeply,
  syntaxFailure,
  unreadableFailure,
  type LoadFailures,
  type MissingModule,
} from "./load-failures.ts";
import { withoutQuery, type LoadedModules } from "./loaded-modules.ts";
import type { CompileOptions } from "./transform.ts";
import { mappedPaths, ProjectConfigs } from "./project-config.ts";
import { resolveFrom } from "./resolve-file.ts";

export interface ResolverOptions {
  /** What model files get as "backstep". */
  readonly engineUrl: string;
  /** The file that is run. */
  readonly entryUrl: string;
  readonly cache: CompileCache;
  readonly modules: LoadedModules;
  readonly failures: LoadFailures;
  /** Texts that stand in for those of files, by path. */
  readonly texts: ReadonlyMap<string, string>;
}

/** The part of a resolve hook's context that both `import` and `require` fill in. */
interface ImportContext {
  readonly parentURL?: string | undefined;
  /** A list, or to `require` on Node 22 a set. */
  readonly conditions: Iterable<string>;
  readonly importAttributes: Readonly<Record<string, string | undefined>>;
}

const TYPESCRIPT = /\.[cm]?tsx?$/i;
const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/i;

/** Marks the URL of a JSON file that is imported without an attribute: Node confuses it with the one that has one. */
const JSON_VALUES = "?values";

/**
 * Makes this thread load the user's files through the compiler, and resolve `"backstep"` to the engine with nothing
 * installed. Files of packages and of the engine itself are loaded by Node as ever, but for TypeScript in packages,
 * which Node refuses: that is compiled and not instrumented. Returns what undoes it.
 */
export function registerResolver(options: ResolverOptions): () => void {
  const { engineUrl, entryUrl, cache, modules, failures, texts } = options;
  const engineFolder = new URL(".", engineUrl).href;
  const configs = new ProjectConfigs();
  const tfjs = new TfjsPackages();
  const compiledFiles = new Map<string, { readonly source: string; readonly compiled: CompiledModule }>();
  /** By URL, whoever of the user's files asked for it last. */
  const askedFor = new Map<string, MissingModule>();

  function isOurs(url: string): boolean {
    return url.startsWith(engineFolder) || url === COMPILER_URL;
  }

  function isUserFile(url: string | undefined): url is string {
    return url !== undefined && url.startsWith("file:") && !isOurs(url) && !isInPackage(url);
  }

  function resolve(
    specifier: string,
    context: ImportContext,
    next: (specifier: string) => ResolveFnOutput,
  ): ResolveFnOutput {
    if (specifier === "backstep") return { url: engineUrl, format: "module", shortCircuit: true };
    if (specifier === entryUrl) return { url: entryUrl, shortCircuit: true };
    const parent = context.parentURL;
    if (!isUserFile(parent) || isBuiltin(specifier)) return next(specifier);
    const resolved = resolveForUser(specifier, parent, context, next);
    askedFor.set(resolved.url, { specifier, parentUrl: parent });
    return resolved;
  }

  function resolveForUser(
    specifier: string,
    parent: string,
    context: ImportContext,
    next: (specifier: string) => ResolveFnOutput,
  ): ResolveFnOutput {
    const found = findFile(specifier, fileURLToPath(withoutQuery(parent)));
    if (found !== null) {
      const isValue = found.endsWith(".json") && !isRequired(context) && context.importAttributes["type"] !== "json";
      return { url: isValue ? found + JSON_VALUES : found, shortCircuit: true };
    }
    try {
      return next(specifier);
    } catch (error) {
      failures.noteMissing(error, specifier, parent);
      throw error;
    }
  }

  /** The user's file that a specifier means; null when that is for Node to find out. */
  function findFile(specifier: string, parent: string): string | null {
    const fromTypeScript = TYPESCRIPT.test(parent);
    const config = configs.of(parent);
    const [, written = "", query = ""] = /^([^?#]*)(.*)$/s.exec(specifier) ?? [];
    let targets: string[];
    if (/^\.{0,2}(?:\/|$)/.test(written)) targets = [decodePath(written)];
    else if (written.startsWith("file:")) targets = [fileURLToPath(written)];
    else if (path.isAbsolute(written)) targets = [written];
    else if (/^(?:#|[a-z][a-z+.-]+:)/i.test(written)) return null;
    else targets = mappedPaths(written, config);
    for (const target of targets) {
      const file = resolveFrom(parent, target, fromTypeScript);
      if (file !== null) return pathToFileURL(file).href + query;
    }
    return null;
  }

  /** @param asking files whose compiling led here: they may go in circles */
  function compile(
    file: string,
    asking: ReadonlySet<string>,
  ): { readonly source: string; readonly compiled: CompiledModule } {
    const known = compiledFiles.get(file);
    if (known !== undefined) return known;
    // A byte order mark is no column of the first line.
    const source = (texts.get(file) ?? readText(file, failures)).replace(/^\uFEFF/, "");
    const { experimentalDecorators, useDefineForClassFields } = configs.of(file);
    const compiled = compileWhole(source, file, {
      instrument: !isInPackage(pathToFileURL(file).href),
      packageType: configs.packageType(file),
      experimentalDecorators,
      useDefineForClassFields,
      isType: (specifier, name) => isTypeExport(specifier, name, file, new Set([...asking, file])),
    });
    compiledFiles.set(file, { source, compiled });
    return { source, compiled };
  }

  function compileWhole(source: string, file: string, options: CompileOptions): CompiledModule {
    try {
      return cache.compile(source, file, options);
    } catch (error) {
      if (!isStackOverflow(error)) throw error;
      const failure = nestedTooDeeply(deepestPlace(file, source));
      throw failures.note(new SyntaxError(failure.message), failure);
    }
  }

  /** Whether a name that a module of the user's exports is a type only, so that it may not be asked for at run time. */
  function isTypeExport(specifier: string, name: string, parent: string, asking: ReadonlySet<string>): boolean {
    if (!specifier.startsWith(".")) return false;
    const url = findFile(specifier, parent);
    // With nothing but declarations all of it is types.
    if (url === null) return existsSync(path.resolve(path.dirname(parent), `${specifier}.d.ts`));
    const file = fileURLToPath(withoutQuery(url));
    if (asking.has(file) || !TYPESCRIPT.test(file)) return false;
    const { exports, types, stars } = compile(file, asking).compiled;
    if (exports.includes(name)) return false;
    return types.includes(name) || stars.some((star) => isTypeExport(star, name, file, new Set([...asking, file])));
  }

  function load(
    url: string,
    context: LoadHookContext,
    next: (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput,
  ): LoadFnOutput {
    if (isOurs(url)) return next(url, context);
    try {
      return loadFile(url, context, next);
    } catch (error) {
      const asked = askedFor.get(url);
      if (asked) failures.noteMissing(error, asked.specifier, asked.parentUrl);
      throw error;
    }
  }

  function loadFile(
    url: string,
    context: LoadHookContext,
    next: (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput,
  ): LoadFnOutput {
    if (!url.startsWith("file:")) return next(url, context);
    if (withoutQuery(url).endsWith(".node") && !isRequired(context))
      throw new TypeError("a native addon is loaded by require(), not by import");
    const plainUrl = withoutQuery(url);
    if (url.endsWith(JSON_VALUES)) {
      return { format: "module", source: jsonModule(fileURLToPath(plainUrl), failures), shortCircuit: true };
    }
    if (!SOURCE.test(plainUrl)) return next(url, context);
    if (isInPackage(url) && !TYPESCRIPT.test(plainUrl)) return loadPackage(url, plainUrl, context, next);

    const file = fileURLToPath(plainUrl);
    const { source, compiled } = compile(file, new Set());
    if (compiled.diagnostics.length > 0) {
      const failure = syntaxFailure(file, compiled.diagnostics);
      throw failures.note(new SyntaxError(failure.message), failure);
    }
    const code = modules.link(url, source, compiled, url === entryUrl);
    return { format: compiled.format, source: code, shortCircuit: true };
  }

  function loadPackage(
    url: string,
    plainUrl: string,
    context: LoadHookContext,
    next: (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput,
  ): LoadFnOutput {
    const appendix = tfjs.appendix(plainUrl);
    if (appendix === null || !isRequired(context)) return next(url, context);
    return {
      format: "commonjs",
      source: readFileSync(fileURLToPath(plainUrl), "utf8") + appendix,
      shortCircuit: true,
    };
  }

  const hooks = registerHooks({
    resolve: (specifier, context, next) => resolve(specifier, context, (given) => next(given, context)),
    load,
  });
  return () => hooks.deregister();
}

function isRequired(context: Pick<ImportContext, "conditions">): boolean {
  return [...context.conditions].includes("require");
}

function isInPackage(url: string): boolean {
  return url.includes("/node_modules/");
}

/** Specifiers are URLs: a file with a space in its name may be imported by either spelling. */
function decodePath(written: string): string {
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}

function readText(file: string, failures: LoadFailures): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw error instanceof Error ? failures.note(error, unreadableFailure(file, error)) : error;
  }
}

/** A JSON file imported without an attribute: its value as the default export, its keys as named ones. */
function jsonModule(file: string, failures: LoadFailures): string {
  const text = readText(file, failures).replace(/^\uFEFF/, "");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw error instanceof SyntaxError ? failures.note(error, jsonFailure(file, text, error)) : error;
  }
  const named = typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  const keys = Object.keys(named).filter((key) => key !== "default" && key.isWellFormed());
  const names = keys.map((key, i) => `const k${i} = value[${JSON.stringify(key)}];`);
  const list = ["value as default", ...keys.map((key, i) => `k${i} as ${JSON.stringify(key)}`)];
  return `const value = JSON.parse(${JSON.stringify(text)});\n${names.join("\n")}\nexport { ${list.join(", ")} };\n`;
}
