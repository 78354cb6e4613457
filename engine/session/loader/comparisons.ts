import type TS from "typescript";
import { skipOuter } from "./skip-outer.ts";

/** Methods of Tensor that give truths: what they give is a tensor, which is truthy whatever is in it. */
const GIVES_TRUTHS =
  /^(?:eq|ne|lt|le|gt|ge|less|lessEqual|greater|greaterEqual|notEqual|any|all|isnan|isinf|isfinite|isclose|logical(?:And|Or|Xor|Not)|bool)$/;

/** The name of the method by which an expression compares tensors, by its looks; null where it does not. */
export function comparisonIn(ts: typeof TS, node: TS.Expression): TS.MemberName | null {
  const inner = skipOuter(ts, node);
  if (!ts.isCallExpression(inner)) return null;
  const callee = skipOuter(ts, inner.expression);
  return ts.isPropertyAccessExpression(callee) && GIVES_TRUTHS.test(callee.name.text) ? callee.name : null;
}

/** Whether a name is that of a constant of the file that a comparison gives: nothing else is ever behind it. */
export function namesComparison(ts: typeof TS, name: TS.Identifier): boolean {
  for (
    let scope = name.parent as TS.Node | undefined;
    scope !== undefined;
    scope = scope.parent as TS.Node | undefined
  ) {
    if (ts.isFunctionLike(scope) && scope.parameters.some((parameter) => binds(ts, parameter.name, name.text))) {
      return false;
    }
    if (!ts.isBlock(scope) && !ts.isSourceFile(scope) && !ts.isModuleBlock(scope)) continue;
    for (const statement of scope.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      const { declarationList } = statement;
      const found = declarationList.declarations.find((declaration) => binds(ts, declaration.name, name.text));
      if (found === undefined) continue;
      const isConst = (declarationList.flags & ts.NodeFlags.Const) !== 0;
      return isConst && found.initializer !== undefined && comparisonIn(ts, found.initializer) !== null;
    }
  }
  return false;
}

function binds(ts: typeof TS, name: TS.BindingName, text: string): boolean {
  if (ts.isIdentifier(name)) return name.text === text;
  return name.elements.some((element) => ts.isBindingElement(element) && binds(ts, element.name, text));
}
