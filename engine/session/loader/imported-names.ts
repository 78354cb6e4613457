import type TS from "typescript";

/** The local names of what a file imports from "backstep". */
export function importedFromEngine(ts: typeof TS, file: TS.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    if (statement.moduleSpecifier.text !== "backstep") continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined) continue;
    if (ts.isNamespaceImport(bindings)) names.add(bindings.name.text);
    else for (const element of bindings.elements) names.add(element.name.text);
  }
  return names;
}

/**
 * Whether an expression reads a name of an import, `nn.Linear` or `torch.nn.Linear`, and hands it on. What is called or
 * read further fails by itself where it is undefined; what is tested may rightly be.
 */
export function isHandedOn(
  ts: typeof TS,
  node: TS.Node,
  imported: ReadonlySet<string>,
): node is TS.PropertyAccessExpression {
  if (!ts.isPropertyAccessExpression(node) || node.questionDotToken !== undefined) return false;
  if (!ts.isIdentifier(node.name)) return false;
  const owner = node.expression;
  const root = ts.isPropertyAccessExpression(owner) && owner.questionDotToken === undefined ? owner.expression : owner;
  if (!ts.isIdentifier(root) || !imported.has(root.text)) return false;
  const { parent } = node;
  if (ts.isPropertyAssignment(parent) || ts.isVariableDeclaration(parent) || ts.isPropertyDeclaration(parent)) {
    return parent.initializer === node;
  }
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) return parent.expression !== node;
  if (ts.isExpressionWithTypeArguments(parent)) return ts.isHeritageClause(parent.parent);
  return ts.isReturnStatement(parent) || ts.isArrayLiteralExpression(parent);
}
