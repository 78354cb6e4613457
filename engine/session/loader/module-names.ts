import type TS from "typescript";
import type { CompiledImport, CompiledModule, Range } from "./compiled-module.ts";
import { rangeOf } from "./source-range.ts";

/**
 * What a file imports and exports, by name.
 * @param passedOn names that it takes from elsewhere to export them, and whether they are types
 */
export function readModuleNames(
  ts: typeof TS,
  file: TS.SourceFile,
  passedOn: CompiledModule["passedOn"],
): Pick<CompiledModule, "imports" | "exports" | "types" | "stars"> {
  const imports: CompiledImport[] = [];
  const exports: string[] = [];
  const types: string[] = [];
  const stars: string[] = [];
  /** Local names that are types. */
  const localTypes = new Set<string>();
  const isType = (specifier: string, name: string): boolean =>
    passedOn.some((known) => known.isType && known.specifier === specifier && known.name === name);
  const at = (node: TS.Node): Range => rangeOf(file, node.getStart(file), node.getEnd());
  const add = (specifier: TS.Expression | undefined, names: readonly TS.Node[] = [], defaultName?: TS.Node): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const named = names.map((name) => ({ name: (name as TS.Identifier | TS.StringLiteral).text, range: at(name) }));
    // A default import asks for the name "default", where its own name stands.
    if (defaultName !== undefined) named.push({ name: "default", range: at(defaultName) });
    imports.push({ specifier: specifier.text, range: at(specifier), names: named });
  };

  function exportsOf(statement: TS.Statement): readonly string[] {
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    const has = (kind: TS.SyntaxKind): boolean => modifiers.some((modifier) => modifier.kind === kind);
    if (ts.isExportAssignment(statement)) return ["default"];
    if (!has(ts.SyntaxKind.ExportKeyword) || has(ts.SyntaxKind.DeclareKeyword)) return [];
    if (has(ts.SyntaxKind.DefaultKeyword)) return ["default"];
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
    }
    const named = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
    if (named || ts.isEnumDeclaration(statement) || ts.isModuleDeclaration(statement)) {
      return statement.name === undefined ? [] : [statement.name.text];
    }
    return [];
  }

  for (const statement of file.statements) {
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
      localTypes.add(statement.name.text);
    } else if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
      const bindings = statement.importClause?.namedBindings;
      const { text } = statement.moduleSpecifier;
      if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
      for (const { name, propertyName } of bindings.elements) {
        if (isType(text, (propertyName ?? name).text)) localTypes.add(name.text);
      }
    }
  }

  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) {
      const clause = statement.importClause;
      const bindings = clause?.namedBindings;
      const named = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : [];
      add(
        statement.moduleSpecifier,
        named.map((element) => element.propertyName ?? element.name),
        clause?.name,
      );
    } else if (ts.isExportDeclaration(statement)) {
      const clause = statement.exportClause;
      const elements = clause !== undefined && ts.isNamedExports(clause) ? clause.elements : [];
      add(
        statement.moduleSpecifier,
        elements.map((element) => element.propertyName ?? element.name),
      );
      const from = statement.moduleSpecifier;
      const specifier = from !== undefined && ts.isStringLiteral(from) ? from.text : null;
      for (const { name, propertyName, isTypeOnly } of elements) {
        const taken = (propertyName ?? name).text;
        const erased = specifier === null ? localTypes.has(taken) : isType(specifier, taken);
        (statement.isTypeOnly || isTypeOnly || erased ? types : exports).push(name.text);
      }
      if (clause === undefined && specifier !== null) stars.push(specifier);
    } else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
      types.push(statement.name.text);
    } else if (ts.isImportEqualsDeclaration(statement)) {
      if (ts.isExternalModuleReference(statement.moduleReference)) add(statement.moduleReference.expression);
    }
    exports.push(...exportsOf(statement));
  }

  // Calls are everywhere: the tree is only searched when the text has one of these.
  if (/\b(?:import|require)\s*\(/.test(file.text)) {
    const search = (node: TS.Node): void => {
      if (ts.isCallExpression(node)) {
        const { expression } = node;
        const isRequire = ts.isIdentifier(expression) && expression.text === "require";
        if (isRequire || expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0]);
      }
      ts.forEachChild(node, search);
    };
    search(file);
  }
  return { imports, exports, types, stars };
}
