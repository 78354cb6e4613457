import type TS from "typescript";
import type { CompiledModule, SyntaxDiagnostic } from "./compiled-module.ts";
import { fileProgram } from "./file-program.ts";
import {
  ADDED,
  ID_DIGITS,
  instrumenter,
  KEPT,
  NAMED,
  SITE,
  SUPER,
  TESTED,
  THROWN,
  type Instrumentation,
} from "./instrument.ts";
import { readModuleNames } from "./module-names.ts";
import { rangeOf } from "./source-range.ts";
import { eraseTypes, namesPassedOn } from "./passed-on-names.ts";

export interface CompileOptions {
  /** False for packages: their TypeScript is compiled, and that is all. */
  readonly instrument: boolean;
  /** What the nearest package.json says of files whose extension and syntax leave the format open. */
  readonly packageType: "module" | "commonjs";
  readonly experimentalDecorators?: boolean;
  readonly useDefineForClassFields?: boolean;
  /** Whether a name that another module exports is a type, and nothing at run time. Asked for re-exports only. */
  readonly isType?: (specifier: string, name: string) => boolean;
}

/**
 * Compiles one file of TypeScript or JavaScript to what Node runs, with a site id in every call and a source map whose
 * positions are exact to the column. Pure: the same text, extension and options give the same result.
 *
 * A file that has `import` or `export` is an ES module whatever its package says, since that is what it can only be;
 * so is one with a top-level `await`. Extensions that name a format are followed.
 */
export function compileModule(ts: typeof TS, source: string, path: string, options: CompileOptions): CompiledModule {
  const fileName = withPlainExtension(path);
  const text = source.replace(/^\uFEFF/, "");
  const parsed = parse(ts, text, fileName, options.packageType);
  const passedOn = isTypeScript(fileName) ? namesPassedOn(ts, parsed.sourceFile) : [];
  const answers = passedOn.map((name) => ({ ...name, isType: options.isType?.(name.specifier, name.name) ?? false }));
  const { sourceFile, format } = answers.some(({ isType }) => isType)
    ? parse(ts, eraseTypes(ts, parsed.sourceFile, answers), fileName, options.packageType)
    : parsed;
  const output = { code: "", map: "" };
  const program = fileProgram(
    ts,
    sourceFile,
    {
      experimentalDecorators: options.experimentalDecorators ?? false,
      useDefineForClassFields: options.useDefineForClassFields ?? true,
      sourceMap: true,
      noCheck: true,
    },
    (name, content) => {
      output[name.endsWith(".map") ? "map" : "code"] = content;
    },
  );
  const diagnostics = program.getSyntacticDiagnostics(sourceFile).map((found) => describe(ts, sourceFile, found));
  const found: Instrumentation = { sites: [], functions: [] };
  // A file that names our globals, whatever for, is left as it is.
  const transformers =
    options.instrument && !text.includes("__backstep") ? { before: [instrumenter(ts, found, format)] } : {};
  program.emit(sourceFile, undefined, undefined, false, transformers);

  const code = output.code.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n");
  // Nothing is left of a declaration file, and so no map.
  const { mappings } = output.map === "" ? { mappings: "" } : (JSON.parse(output.map) as { mappings: string });
  return {
    format,
    code,
    mappings,
    idOffsets: findIds(code),
    sites: found.sites,
    functions: found.functions,
    ...readModuleNames(ts, parsed.sourceFile, answers),
    passedOn: answers,
    diagnostics,
  };
}

/**
 * Errors that do not keep a file from being parsed, and yet keep it from being run: a name declared twice, `await` in a
 * function that is not async, `break` outside of a loop. V8 tells no position of those in a module.
 */
export function findEarlyErrors(
  ts: typeof TS,
  source: string,
  path: string,
  format: CompiledModule["format"],
): SyntaxDiagnostic[] {
  const fileName = withPlainExtension(path);
  const text = source.replace(/^\uFEFF/, "");
  const { sourceFile } = parse(ts, text, fileName, format);
  const program = fileProgram(ts, sourceFile, {}, () => {});
  return program
    .getSemanticDiagnostics(sourceFile)
    .filter(({ code, category }) => category === ts.DiagnosticCategory.Error && isEarlyError(code))
    .map((found) => describe(ts, sourceFile, found));
}

/** The compiler numbers what is wrong in the grammar from 1000, about private names from 18000; and of others, these. */
function isEarlyError(code: number): boolean {
  const others = [2300, 2323, 2339, 2357, 2364, 2440, 2451, 2480, 2481, 2528, 2567, 2657, 17009];
  return (code >= 1000 && code < 1800) || (code >= 18000 && code < 18060) || others.includes(code);
}

/** The compiler knows `.ts` and not `.TS`, as some file systems write it. */
function withPlainExtension(path: string): string {
  return path.replace(/\.[a-z]+$/iu, (extension) => extension.toLowerCase());
}

function isTypeScript(fileName: string): boolean {
  return /\.[cm]?tsx?$/.test(fileName);
}

function findIds(code: string): number[] {
  const ids = new RegExp(
    `(?:${[SITE, SUPER, KEPT, THROWN, TESTED, ADDED, NAMED].join("|")})\\(0x(?=[0-9a-f]{${ID_DIGITS}}\\b)`,
    "g",
  );
  return Array.from(code.matchAll(ids), (match) => match.index + match[0].length);
}

function parse(
  ts: typeof TS,
  text: string,
  fileName: string,
  packageType: CompileOptions["packageType"],
): { sourceFile: TS.SourceFile; format: CompiledModule["format"] } {
  const create = (format: CompiledModule["format"], force: boolean): TS.SourceFile =>
    ts.createSourceFile(fileName, text, {
      languageVersion: ts.ScriptTarget.ESNext,
      impliedNodeFormat: format === "module" ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS,
      jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
      ...(force && { setExternalModuleIndicator: markAsModule }),
    });
  const parsed = (format: CompiledModule["format"], force = false) => ({ sourceFile: create(format, force), format });

  if (/\.m[jt]s$/.test(fileName)) return parsed("module", true);
  if (/\.c[jt]s$/.test(fileName)) return parsed("commonjs");
  const plain = parsed("module");
  const syntax = moduleSyntax(ts, plain.sourceFile);
  if (syntax === "module") return plain;
  if (syntax === "commonjs") return parsed("commonjs");
  if (packageType === "module") return parsed("module", true);
  // A script in which `await` stands at the top level does not parse as one.
  if (/\bawait\b/.test(text)) {
    const asModule = parsed("module", true);
    if (hasTopLevelAwait(ts, asModule.sourceFile)) return asModule;
  }
  return parsed("commonjs");
}

/** The compiler takes a file for a module when this is set; its own callback for it is typed as internal. */
function markAsModule(file: TS.SourceFile): void {
  Object.assign(file, { externalModuleIndicator: true });
}

/** What `import` and `export` make of a file: those of CommonJS are `import x = require()` and `export =`. */
function moduleSyntax(ts: typeof TS, file: TS.SourceFile): "module" | "commonjs" | null {
  if (!ts.isExternalModule(file)) return null;
  const onlyCommonJs = (statement: TS.Statement): boolean =>
    (ts.isImportEqualsDeclaration(statement) && ts.isExternalModuleReference(statement.moduleReference)) ||
    (ts.isExportAssignment(statement) && statement.isExportEquals === true);
  const moduleStatements = file.statements.filter(
    (statement) =>
      ts.isImportDeclaration(statement) ||
      ts.isExportDeclaration(statement) ||
      ts.isExportAssignment(statement) ||
      ts.isImportEqualsDeclaration(statement) ||
      (ts.canHaveModifiers(statement) &&
        ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)),
  );
  return moduleStatements.length > 0 && moduleStatements.every(onlyCommonJs) ? "commonjs" : "module";
}

function hasTopLevelAwait(ts: typeof TS, file: TS.SourceFile): boolean {
  function find(node: TS.Node): boolean {
    if (ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node)) return false;
    if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined)) return true;
    if (ts.isVariableDeclarationList(node) && /^await\b/.test(node.getText(file))) return true;
    return ts.forEachChild(node, find) ?? false;
  }
  return find(file);
}

function describe(ts: typeof TS, file: TS.SourceFile, diagnostic: TS.Diagnostic): SyntaxDiagnostic {
  const start = diagnostic.start ?? 0;
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, " ");
  return { message, range: rangeOf(file, start, start + (diagnostic.length ?? 0)) };
}
