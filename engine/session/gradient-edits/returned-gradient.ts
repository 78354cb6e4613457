import type TS from "typescript";
import type { GradientEdit, GradientFix } from "../../protocol/check.ts";
import type { Site } from "../../protocol/site.ts";
import { ParsedSource } from "../../training/fixes/parsed-source.ts";
import { skipOuter } from "../loader/skip-outer.ts";
import { functionMembersAt, parametersOf, returnedBy, type FunctionMembers } from "./function-members.ts";
import { isGradient, isNothing } from "./is-gradient.ts";
import { MemberNames } from "./member-names.ts";
import { savedNames } from "./saved-names.ts";

/**
 * The edit of the expression that a Function's `backward` returns, where it is certain: one `return`, whose expression or
 * element is the gradient, and names that mean there what they mean in the fix.
 * @param backward where that is written, in a file of this text.
 */
export function returnedGradient(ts: typeof TS, text: string, backward: Site, fix: GradientFix): GradientEdit | null {
  if (!/\.[cm]?[jt]sx?$/iu.test(backward.file)) return null;
  const { source, tree: file } = new ParsedSource(ts, backward.file, text);
  const start = source.offset(backward.line, backward.column);
  const end = source.offset(backward.endLine, backward.endColumn);
  const members = functionMembersAt(ts, file, start, end);
  const place = members && placeOf(ts, members, fix.input);
  const written = place && (fix.kind === "append" ? appended(ts, members, place, fix) : anew(ts, members, place, fix));
  if (!place || written === null) return null;
  const edit = source.edit(place.expression.getStart(file), place.expression.getEnd(), written);
  return { ...edit, replaces: place.expression.getText(file) };
}

interface Place {
  readonly expression: TS.Expression;
  /** Whether it stands in an array of gradients, or is all that is returned. */
  readonly isElement: boolean;
}

/** The expression itself, or the element for an argument of forward: there is one for each, tensor or not. */
function placeOf(ts: typeof TS, { backward, forward }: FunctionMembers, input: string | null): Place | null {
  const returned = returnedBy(ts, backward);
  const all = returned && skipOuter(ts, returned);
  if (!returned || !all) return null;
  if (!ts.isArrayLiteralExpression(all)) return input === null ? { expression: returned, isElement: false } : null;
  if (all.elements.some((element) => ts.isSpreadElement(element) || ts.isOmittedExpression(element))) return null;
  let expression: TS.Expression | undefined;
  if (input === null) {
    // Arguments that are no tensors get nothing.
    const [only, ...others] = all.elements.filter((element) => !isNothing(ts, element));
    if (others.length === 0) expression = only;
  } else if (forward) {
    const names = parametersOf(ts, forward).map(({ name }) => (ts.isIdentifier(name) ? name.text : ""));
    expression = all.elements[names.indexOf(input, 1) - 1];
  }
  return expression ? { expression, isElement: true } : null;
}

/** What is returned with calls behind it. */
function appended(
  ts: typeof TS,
  { backward }: FunctionMembers,
  { expression, isElement }: Place,
  { code }: GradientFix,
): string | null {
  if (!isGradient(ts, expression, backward, isElement)) return null;
  const text = expression.getText();
  const isOperand = ts.isLeftHandSideExpression(expression) && !ts.isNewExpression(expression);
  return `${isOperand ? text : `(${text})`}${code}`;
}

/** The expression of the fix, in the names that `backward` has. */
function anew(ts: typeof TS, members: FunctionMembers, { expression }: Place, { code }: GradientFix): string | null {
  const inner = skipOuter(ts, expression);
  // A condition is there for something.
  if (ts.isConditionalExpression(inner) || ts.isBinaryExpression(inner)) return null;
  const { backward, forward } = members;
  const names = new MemberNames(ts, backward);
  const [, grad, ...more] = parametersOf(ts, backward);
  if (!grad || more.length > 0 || !ts.isIdentifier(grad.name) || grad.dotDotDotToken || grad.initializer) return null;
  if (!names.isSteady(grad.name.text)) return null;
  // An operand of this name could be meant as well.
  if (forward && !new MemberNames(ts, forward).isFree("grad")) return null;
  const saved = savedNames(ts, members);
  let written = "";
  let from = 0;
  for (const name of namesIn(ts, code)) {
    if (name.text === "grad") {
      written += code.slice(from, name.getStart()) + grad.name.text;
      from = name.getEnd();
    } else if (!saved.has(name.text) && !(name.text === "Math" && names.isFree("Math"))) return null;
  }
  return written + code.slice(from);
}

/** The names in an expression, but for those of properties. */
function namesIn(ts: typeof TS, code: string): readonly TS.Identifier[] {
  const found: TS.Identifier[] = [];
  const visit = (node: TS.Node): void => {
    if (ts.isPropertyAccessExpression(node)) visit(node.expression);
    else if (ts.isPropertyAssignment(node)) visit(node.initializer);
    else if (ts.isIdentifier(node)) found.push(node);
    else ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("fix.ts", code, ts.ScriptTarget.ESNext, true));
  return found;
}
