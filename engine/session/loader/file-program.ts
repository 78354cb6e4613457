import type TS from "typescript";

/** A program of one file that is already parsed: nothing is read, nothing resolved. */
export function fileProgram(
  ts: typeof TS,
  sourceFile: TS.SourceFile,
  options: TS.CompilerOptions,
  write: (name: string, content: string) => void,
): TS.Program {
  const host: TS.CompilerHost = {
    getSourceFile: (name) => (name === sourceFile.fileName ? sourceFile : undefined),
    writeFile: write,
    fileExists: (name) => name === sourceFile.fileName,
    readFile: () => undefined,
    getDefaultLibFileName: () => "lib.d.ts",
    getCurrentDirectory: () => "",
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
  };
  const always: TS.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    // Follows the file's own format, and gives ES modules `import x = require("x")`.
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    jsx: ts.JsxEmit.ReactJSX,
    allowJs: true,
    isolatedModules: true,
    noLib: true,
    noResolve: true,
    suppressOutputPathCheck: true,
    allowNonTsExtensions: true,
    allowImportingTsExtensions: true,
    types: [],
  };
  return ts.createProgram([sourceFile.fileName], { ...always, ...options }, host);
}
