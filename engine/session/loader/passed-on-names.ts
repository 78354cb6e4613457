import type TS from "typescript";

/** A name that a file takes from another module only to export it. Whether it is a type, its own text cannot tell. */
export interface PassedOnName {
  readonly specifier: string;
  readonly name: string;
}

/** Names of `export { A } from "./a"`, and of `import { A } from "./a"` where there is an `export { A }`. */
export function namesPassedOn(ts: typeof TS, file: TS.SourceFile): PassedOnName[] {
  const exported = new Set<string>();
  for (const statement of file.statements) {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier !== undefined || statement.isTypeOnly) continue;
    const { exportClause } = statement;
    if (exportClause === undefined || !ts.isNamedExports(exportClause)) continue;
    for (const { name, propertyName, isTypeOnly } of exportClause.elements) {
      if (!isTypeOnly) exported.add((propertyName ?? name).text);
    }
  }
  return file.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause, moduleSpecifier, isTypeOnly } = statement;
      if (isTypeOnly || exportClause === undefined || !ts.isNamedExports(exportClause)) return [];
      return takenFrom(ts, moduleSpecifier, exportClause.elements);
    }
    if (!ts.isImportDeclaration(statement)) return [];
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined || !ts.isNamedImports(bindings)) return [];
    return takenFrom(
      ts,
      statement.moduleSpecifier,
      bindings.elements.filter(({ name }) => exported.has(name.text)),
    );
  });
}

function takenFrom(
  ts: typeof TS,
  specifier: TS.Expression | undefined,
  elements: readonly (TS.ImportSpecifier | TS.ExportSpecifier)[],
): PassedOnName[] {
  if (specifier === undefined || !ts.isStringLiteral(specifier)) return [];
  return elements
    .filter(({ isTypeOnly }) => !isTypeOnly)
    .map(({ name, propertyName }) => ({ specifier: specifier.text, name: (propertyName ?? name).text }));
}

/**
 * The text of a file without what is passed on and is a type, which the compiler leaves out where it sees the whole
 * program. Overwritten with blanks, so that all else stays where it is.
 */
export function eraseTypes(
  ts: typeof TS,
  file: TS.SourceFile,
  answers: readonly (PassedOnName & { readonly isType: boolean })[],
): string {
  /** Local names of imports that are gone. */
  const erased = new Set<string>();
  let { text } = file;

  function isType(from: TS.Expression, name: string): boolean {
    if (!ts.isStringLiteral(from)) return false;
    return answers.some((answer) => answer.isType && answer.specifier === from.text && answer.name === name);
  }

  function blank(start: number, end: number): void {
    text = text.slice(0, start) + text.slice(start, end).replace(/[^\r\n]/g, " ") + text.slice(end);
  }

  /** Returns whether any are left, or there were none. */
  function blankElements(
    elements: TS.NodeArray<TS.ImportSpecifier | TS.ExportSpecifier>,
    isGone: (name: string) => boolean,
  ): boolean {
    const gone = elements.filter(({ name, propertyName }) => isGone((propertyName ?? name).text));
    for (const element of gone) {
      const comma = /^\s*,/.exec(file.text.slice(element.end))?.[0].length ?? 0;
      blank(element.getStart(file), element.end + comma);
    }
    return gone.length === 0 || gone.length < elements.length;
  }

  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const { importClause, moduleSpecifier } = statement;
    const bindings = importClause?.namedBindings;
    if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
    for (const { name, propertyName } of bindings.elements) {
      if (isType(moduleSpecifier, (propertyName ?? name).text)) erased.add(name.text);
    }
    const some = blankElements(bindings.elements, (name) => isType(moduleSpecifier, name));
    if (!some && importClause?.name === undefined) blank(statement.getStart(file), statement.end);
  }
  for (const statement of file.statements) {
    if (!ts.isExportDeclaration(statement)) continue;
    const { exportClause, moduleSpecifier, attributes } = statement;
    if (exportClause === undefined || !ts.isNamedExports(exportClause)) continue;
    const isGone = (name: string): boolean =>
      moduleSpecifier === undefined ? erased.has(name) : isType(moduleSpecifier, name);
    const some = blankElements(exportClause.elements, isGone);
    // With nothing but types the other module need not even exist. An empty export keeps this one a module.
    if (!some && moduleSpecifier !== undefined) blank(exportClause.end, (attributes ?? moduleSpecifier).end);
  }
  return text;
}
