import type TS from "typescript";
import { skipOuter } from "./skip-outer.ts";

/** Whether an operand of `+` is no tensor, by its looks: a text, a number that is written, or what arithmetic gave. */
export function isNoTensor(ts: typeof TS, node: TS.Expression): boolean {
  const inner = skipOuter(ts, node);
  if (ts.isStringLiteralLike(inner) || ts.isTemplateExpression(inner) || ts.isNumericLiteral(inner)) return true;
  if (ts.isPrefixUnaryExpression(inner) || ts.isPostfixUnaryExpression(inner) || ts.isTypeOfExpression(inner))
    return true;
  if (ts.isBinaryExpression(inner)) {
    const { left, operatorToken, right } = inner;
    if (operatorToken.kind === ts.SyntaxKind.PlusToken) return isNoTensor(ts, left) || isNoTensor(ts, right);
    return operatorToken.kind >= ts.SyntaxKind.AsteriskToken && operatorToken.kind <= ts.SyntaxKind.PercentToken;
  }
  if (ts.isPropertyAccessExpression(inner)) return inner.name.text === "length" || inner.name.text === "size";
  if (!ts.isCallExpression(inner)) return false;
  const callee = skipOuter(ts, inner.expression);
  if (ts.isIdentifier(callee)) return /^(?:String|Number)$/u.test(callee.text);
  if (!ts.isPropertyAccessExpression(callee)) return false;
  const isOfMath = ts.isIdentifier(callee.expression) && /^(?:Math|Date|performance)$/u.test(callee.expression.text);
  return isOfMath || /^(?:item|toFixed|toPrecision|toString|join|padStart|padEnd|numel)$/u.test(callee.name.text);
}
