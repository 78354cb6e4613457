import { fileURLToPath } from "node:url";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { Frame } from "../../protocol/failure.ts";
import type { Site } from "../../protocol/site.ts";
import type { CompiledImport, CompiledModule, Range } from "./compiled-module.ts";
import { ID_DIGITS } from "./instrument.ts";
import type { SiteRegistry } from "./site-registry.ts";

/** A file of the user's, as it was loaded. */
export interface LoadedModule {
  readonly file: string;
  readonly source: string;
  readonly compiled: CompiledModule;
}

/** A place in code that runs, as V8 tells it; lines and columns count from 1. */
export interface RunningPosition {
  /** Path or file URL. */
  readonly script: string;
  readonly line: number;
  readonly column: number;
}

/** The user's files that are loaded: what leads from running code back to the source. */
export class LoadedModules {
  readonly #registry: SiteRegistry;
  readonly #byFile = new Map<string, LoadedModule>();
  readonly #frames = new Map<string, Frame | null>();
  /** The same by script and V8's own position in it; null for scripts of others. */
  readonly #calls = new Map<string, Map<number, Frame | null> | null>();
  /** Decoded when a position is first asked for. */
  readonly #maps = new Map<string, string | TraceMap>();

  constructor(registry: SiteRegistry) {
    this.#registry = registry;
  }

  /** Gives the file's calls their ids, and returns the code to run, its source map within. */
  link(url: string, source: string, compiled: CompiledModule, isEntry: boolean): string {
    const file = fileURLToPath(withoutQuery(url));
    const first = this.#registry.add(file, compiled.sites);
    const added = prologue(source, compiled, isEntry);
    const code = withIds(compiled, first);
    const hasShebang = code.startsWith("#!");
    // A shebang's line makes room for it; else it is a line more.
    const linked = added === "" ? code : `${added}\n${hasShebang ? code.slice(code.indexOf("\n") + 1) : code}`;
    const mappings = (added === "" || hasShebang ? "" : ";") + compiled.mappings;
    this.#byFile.set(file, { file, source, compiled });
    this.#maps.set(file, mappings);
    // Node reads the map, so that `error.stack` shows the user's own positions wherever it is printed.
    const map = JSON.stringify({ version: 3, sources: [withoutQuery(url)], names: [], mappings });
    const encoded = Buffer.from(map).toString("base64");
    return `${linked}\n//# sourceMappingURL=data:application/json;base64,${encoded}\n`;
  }

  /** In the order they were loaded. */
  all(): readonly LoadedModule[] {
    return [...this.#byFile.values()];
  }

  /** The user's file at a path or URL, if it is loaded. */
  find(script: string): LoadedModule | null {
    return this.#byFile.get(script.startsWith("file:") ? fileURLToPath(withoutQuery(script)) : script) ?? null;
  }

  /** Where in the user's source running code stands; null for code of others, and for what the compiler added. */
  original(position: RunningPosition): Site | null {
    const loaded = this.find(position.script);
    if (loaded === null) return null;
    let map = this.#maps.get(loaded.file) ?? "";
    if (typeof map === "string") {
      map = new TraceMap({ version: 3, sources: [loaded.file], names: [], mappings: map });
      this.#maps.set(loaded.file, map);
    }
    const { line, column } = originalPositionFor(map, { line: position.line, column: position.column - 1 });
    return line === null ? null : this.siteAt(loaded, line, column + 1);
  }

  /** The frame of running code, as {@link original}; each place is looked up once, as stacks are taken often. */
  frameOf(position: RunningPosition): Frame | null {
    const key = `${position.script}:${position.line}:${position.column}`;
    let frame = this.#frames.get(key);
    if (frame === undefined) {
      const site = this.original(position);
      frame = site === null ? null : this.frameAt(site);
      this.#frames.set(key, frame);
    }
    return frame;
  }

  /** As {@link frameOf}, for the calls of a stack that was kept: V8 counts lines and columns anew each time it is asked. */
  frameOfCall(call: NodeJS.CallSite): Frame | null {
    const script = call.getScriptNameOrSourceURL();
    if (script === null) return null;
    let frames = this.#calls.get(script);
    if (frames === undefined) this.#calls.set(script, (frames = this.find(script) && new Map()));
    if (frames === null) return null;
    const position = call.getPosition();
    let frame = frames.get(position);
    if (frame === undefined) {
      const [line, column] = [call.getLineNumber(), call.getColumnNumber()];
      frame = line === null || column === null ? null : this.frameOf({ script, line, column });
      frames.set(position, frame);
    }
    return frame;
  }

  /** The place at a line and column of a source, as far as the call or word there goes. */
  siteAt({ file, source, compiled }: LoadedModule, line: number, atColumn: number): Site {
    const text = source.split(/\r\n|[\n\r]/)[line - 1] ?? "";
    // An operator has no mapping of its own: the one before it ends where the blank before the operator starts.
    const blanks = /^\s*(?=\S)/.exec(text.slice(atColumn - 1))?.[0].length ?? 0;
    const column = atColumn + blanks;
    const call = compiled.sites.find(({ range }) => range[0] === line && range[1] === column);
    if (call !== undefined) return siteOf(file, call.range, call.within);
    const word = /^[\p{ID_Continue}$#]+/u.exec(text.slice(column - 1))?.[0];
    if (text[column - 1] === "(") {
      // What the compiler added among a call's arguments ran: the place is the call.
      const around = compiled.sites.findLast(({ range }) => contains(range, line, column));
      if (around !== undefined) return siteOf(file, around.range, around.within);
    }
    const end = column + (word?.length ?? 1);
    return siteOf(file, [line, column, line, end], this.#functionAt(compiled, line, column, true));
  }

  /** A frame of the user's, named after the function in the source. */
  frameAt(site: Site): Frame {
    const compiled = this.#byFile.get(site.file)?.compiled;
    const name = compiled && this.#functionAt(compiled, site.line, site.column, false);
    return { name: name ?? "<module>", site };
  }

  /** Where a function of this name is written; in `preferred`, when several files have one. */
  functionNamed(name: string, preferred: string | null): Site | null {
    const files = this.all().toSorted((a, b) => Number(b.file === preferred) - Number(a.file === preferred));
    for (const { file, compiled } of files) {
      const found = compiled.functions.find((candidate) => candidate.name === name);
      if (found !== undefined) return siteOf(file, found.range);
    }
    return null;
  }

  #functionAt({ functions }: CompiledModule, line: number, column: number, named: boolean): string | undefined {
    return functions.findLast(({ range, name }) => contains(range, line, column) && !(named && name === "<anonymous>"))
      ?.name;
  }

  /** The import statement, `require` or `import()` of a file that names a specifier. */
  importOf(parent: LoadedModule, specifier: string): CompiledImport | null {
    return parent.compiled.imports.find((candidate) => candidate.specifier === specifier) ?? null;
  }
}

/** Node before 24 gives CommonJS that is imported a `require` of its own kind, which passes our hooks by. */
const REQUIRE_IS_OFF = Number.parseInt(process.versions.node, 10) < 24;

const STRICT = /^(?:#!.*)?(?:\s|\/\/.*|\/\*[^]*?\*\/)*(["'])use strict\1/;

/** One line before the code: makes the file the main module, for programs that ask, and mends `require`. */
function prologue(source: string, { format, code }: CompiledModule, isEntry: boolean): string {
  if (format === "module") return isEntry && source.includes("import.meta.main") ? "import.meta.main = true;" : "";
  const statements: string[] = [];
  if (REQUIRE_IS_OFF && /\brequire\b/.test(code)) {
    statements.push('require = process.getBuiltinModule("module").createRequire(__filename);');
  }
  if (isEntry && /\b(?:require\.main|mainModule)\b/.test(source)) {
    statements.push("process.mainModule = require.main = module;");
  }
  // A directive has to stay the first statement.
  if (statements.length > 0 && STRICT.test(code)) statements.unshift('"use strict";');
  return statements.join(" ");
}

function withIds({ code, idOffsets }: CompiledModule, first: number): string {
  const pieces: string[] = [];
  let end = 0;
  for (const offset of idOffsets) {
    const id = first + Number.parseInt(code.slice(offset, offset + ID_DIGITS), 16);
    pieces.push(code.slice(end, offset), id.toString(16).padStart(ID_DIGITS, "0"));
    end = offset + ID_DIGITS;
  }
  return pieces.join("") + code.slice(end);
}

export function siteOf(file: string, [line, column, endLine, endColumn]: Range, within?: string): Site {
  const site = { file, line, column, endLine, endColumn };
  return within === undefined ? site : { ...site, within };
}

function contains([line, column, endLine, endColumn]: Range, atLine: number, atColumn: number): boolean {
  const startsBefore = line < atLine || (line === atLine && column <= atColumn);
  return startsBefore && (atLine < endLine || (atLine === endLine && atColumn < endColumn));
}

export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/, "");
}
