import type TS from "typescript";
import { skipOuter } from "../loader/skip-outer.ts";
import { parametersOf, returnedBy, type FunctionMembers, type Member } from "./function-members.ts";
import { MemberNames } from "./member-names.ts";

/**
 * Names that mean in `backward` what they mean in the text of a cause: an operand as `forward` calls it, or `y` for its
 * result. Saved in the one, and taken in the same order and by the same name in the other.
 */
export function savedNames(ts: typeof TS, { backward, forward }: FunctionMembers): ReadonlySet<string> {
  if (!forward) return new Set();
  const there = new MemberNames(ts, forward);
  const here = new MemberNames(ts, backward);
  const kept = keptBy(ts, forward, there);
  const found = new Set<string>();
  for (const [i, name] of takenBy(ts, backward, here).entries()) {
    if (name === null || name !== kept[i]) continue;
    if (here.isSteady(name) && isOperandOrResult(ts, forward, there, name)) found.add(name);
  }
  return found;
}

/** Whether a name of `forward` is an operand, or the result where it is `y`, from its declaration to the end. */
function isOperandOrResult(ts: typeof TS, forward: Member, names: MemberNames, name: string): boolean {
  const declared = names.only(name);
  if (!declared || !names.isSteady(name)) return false;
  if (name !== "y") return ts.isParameter(declared) && !declared.dotDotDotToken;
  // An operand of this name would be taken for the result.
  if (ts.isParameter(declared)) return false;
  const result = returnedBy(ts, forward);
  const returned = result && skipOuter(ts, result);
  return returned !== null && ts.isIdentifier(returned) && returned.text === name;
}

/** The names in the only `ctx.saveForBackward(x, w)`; null for what is no name. */
function keptBy(ts: typeof TS, forward: Member, names: MemberNames): readonly (string | null)[] {
  const context = contextOf(ts, forward, names);
  const calls: TS.CallExpression[] = [];
  const visit = (node: TS.Node): void => {
    if (ts.isCallExpression(node) && isOfContext(ts, node.expression, context, "saveForBackward")) calls.push(node);
    ts.forEachChild(node, visit);
  };
  visit(forward);
  const [only] = calls;
  if (!only || calls.length > 1 || only.arguments.some((given) => ts.isSpreadElement(given))) return [];
  return only.arguments.map((given) => {
    const inner = skipOuter(ts, given);
    return ts.isIdentifier(inner) ? inner.text : null;
  });
}

/** The names in the only `const [x, w] = ctx.savedTensors` that stands in the body itself; null for what is no name. */
function takenBy(ts: typeof TS, backward: Member, names: MemberNames): readonly (string | null)[] {
  const context = contextOf(ts, backward, names);
  const { body } = backward;
  const statements = ts.isBlock(body) ? body.statements.filter((statement) => ts.isVariableStatement(statement)) : [];
  const patterns = statements
    .flatMap(({ declarationList }) => declarationList.declarations)
    .flatMap(({ name, initializer }) =>
      initializer && ts.isArrayBindingPattern(name) && isOfContext(ts, initializer, context, "savedTensors")
        ? [name]
        : [],
    );
  const [only] = patterns;
  if (!only || patterns.length > 1) return [];
  return only.elements.map((element) =>
    ts.isBindingElement(element) &&
    ts.isIdentifier(element.name) &&
    !element.dotDotDotToken &&
    element.initializer === undefined
      ? element.name.text
      : null,
  );
}

/** What the first parameter is called; null where it is taken apart, shadowed or changed. */
function contextOf(ts: typeof TS, member: Member, names: MemberNames): string | null {
  const name = parametersOf(ts, member)[0]?.name;
  return name && ts.isIdentifier(name) && names.isSteady(name.text) ? name.text : null;
}

function isOfContext(ts: typeof TS, expression: TS.Expression, context: string | null, property: string): boolean {
  const inner = skipOuter(ts, expression);
  if (!ts.isPropertyAccessExpression(inner) || inner.questionDotToken || inner.name.text !== property) return false;
  const owner = skipOuter(ts, inner.expression);
  return ts.isIdentifier(owner) && owner.text === context;
}
