import type TS from "typescript";
import { skipOuter } from "../loader/skip-outer.ts";
import { parametersOf, type Member } from "./function-members.ts";
import { MemberNames, rootOf } from "./member-names.ts";

/** Whether an expression that a `backward` returns is `null` or `undefined`: no gradient. */
export function isNothing(ts: typeof TS, expression: TS.Expression): boolean {
  const inner = skipOuter(ts, expression);
  return inner.kind === ts.SyntaxKind.NullKeyword || (ts.isIdentifier(inner) && inner.text === "undefined");
}

/**
 * Whether an expression in a `backward` is surely a tensor, on which methods can be called: never nothing, as where an
 * input needs no gradient, and no array of gradients.
 * @param isElement whether it stands in such an array, which holds no other
 */
export function isGradient(ts: typeof TS, expression: TS.Expression, member: Member, isElement: boolean): boolean {
  const names = new MemberNames(ts, member);
  const seen = new Set<string>();
  return isSure(expression);

  function isSure(written: TS.Expression): boolean {
    const inner = skipOuter(ts, written);
    if (ts.isOptionalChain(inner)) return false;
    if (ts.isIdentifier(inner)) return isSureName(inner.text);
    if (ts.isConditionalExpression(inner)) return isSure(inner.whenTrue) && isSure(inner.whenFalse);
    if (ts.isCallExpression(inner)) return isElement || isMadeOfTensor(inner);
    return isElement && (ts.isPropertyAccessExpression(inner) || ts.isElementAccessExpression(inner));
  }

  /** `grad.mul(ctx.w)` and `F.relu(grad)`; of a function of the user's own it is not to be seen what it returns. */
  function isMadeOfTensor(call: TS.CallExpression): boolean {
    const root = rootOf(ts, call);
    if (!ts.isIdentifier(root)) return false;
    if (!ts.isPropertyAccessExpression(skipOuter(ts, call.expression))) return false;
    if (names.isFree(root.text)) return isFunctional(ts, call.getSourceFile(), root.text);
    return isContext(root.text) || isSureName(root.text);
  }

  function isSureName(name: string): boolean {
    const declared = names.only(name);
    if (!declared) return false;
    if (seen.has(name)) return true;
    seen.add(name);
    if (!names.changesOf(name).every((value) => value !== null && isSure(value))) return false;
    if (ts.isParameter(declared)) {
      return declared.parent === member && !declared.dotDotDotToken && !declared.initializer && !isContext(name);
    }
    if (ts.isBindingElement(declared)) return !declared.dotDotDotToken && !declared.initializer;
    return ts.isVariableDeclaration(declared) && declared.initializer !== undefined && isSure(declared.initializer);
  }

  function isContext(name: string): boolean {
    const first = parametersOf(ts, member)[0]?.name;
    return first !== undefined && ts.isIdentifier(first) && first.text === name && names.isSteady(name);
  }
}

/** Whether a name is what a file imports Backstep's `F` by, whose functions make tensors. */
function isFunctional(ts: typeof TS, file: TS.SourceFile, name: string): boolean {
  return file.statements.some((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return false;
    const bindings = statement.importClause?.namedBindings;
    if (statement.moduleSpecifier.text !== "backstep" || !bindings || !ts.isNamedImports(bindings)) return false;
    return bindings.elements.some(
      (element) => element.name.text === name && (element.propertyName ?? element.name).text === "F",
    );
  });
}
