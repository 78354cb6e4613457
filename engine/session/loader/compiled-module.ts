/** A range of a source file as four numbers that count from 1: line, column, end line, end column (UTF-16 units). */
export type Range = readonly [line: number, column: number, endLine: number, endColumn: number];

/** What the transform makes of one file. Plain data that says nothing of where the file is, so that it can be cached. */
export interface CompiledModule {
  readonly format: "module" | "commonjs";
  /** JavaScript. Site ids in it are relative to the file and of fixed width; {@link idOffsets} says where they stand. */
  readonly code: string;
  /** The source map's `mappings`, from the code to the one source. */
  readonly mappings: string;
  /** Offsets into `code` of each id's hexadecimal digits. */
  readonly idOffsets: readonly number[];
  /** Calls by relative id. */
  readonly sites: readonly CompiledSite[];
  /** Functions in order of their start; an inner one follows the one around it. */
  readonly functions: readonly CompiledFunction[];
  readonly imports: readonly CompiledImport[];
  /** Names that the file exports as values. */
  readonly exports: readonly string[];
  /** Names that it exports as types and declares itself. */
  readonly types: readonly string[];
  /** Specifiers of `export * from`. */
  readonly stars: readonly string[];
  /** Names that it takes from elsewhere to export them, and what the compiler was told of them. */
  readonly passedOn: readonly { readonly specifier: string; readonly name: string; readonly isType: boolean }[];
  readonly diagnostics: readonly SyntaxDiagnostic[];
}

/** Whether something that was kept is what the transform makes today. */
export function isCompiledModule(kept: unknown): kept is CompiledModule {
  if (typeof kept !== "object" || kept === null) return false;
  const { format, code, mappings, ...lists } = kept as Record<string, unknown>;
  const names = ["idOffsets", "sites", "functions", "imports", "exports", "types", "stars", "passedOn", "diagnostics"];
  return (
    (format === "module" || format === "commonjs") &&
    typeof code === "string" &&
    typeof mappings === "string" &&
    names.every((name) => Array.isArray(lists[name]))
  );
}

export interface CompiledSite {
  readonly range: Range;
  /** The named function or method around the call: `Net.forward`. */
  readonly within?: string;
}

export interface CompiledFunction {
  readonly range: Range;
  /** As a stack shows it: `Net.forward`, `new Net`, `train`, or `<anonymous>`. */
  readonly name: string;
}

/** An import, re-export, `require("…")` or `import("…")` whose specifier is written out. */
export interface CompiledImport {
  readonly specifier: string;
  readonly range: Range;
  readonly names: readonly { readonly name: string; readonly range: Range }[];
}

export interface SyntaxDiagnostic {
  readonly message: string;
  readonly range: Range;
}
