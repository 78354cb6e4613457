import type TS from "typescript";
import type { SourceEdit } from "../../protocol/finding.ts";
import type { Site } from "../../protocol/site.ts";
import type { Change, NewNumber } from "./change.ts";
import { editsOfEach } from "./each-change.ts";
import { ParsedSource, type WrittenCall } from "./parsed-source.ts";

/** The edits that make changes. @returns none where the text of one of them is not what such a change is made in */
export function editsOf(
  ts: typeof TS,
  changes: readonly Change[],
  textOf: (file: string) => string | null,
): readonly SourceEdit[] {
  return editsOfEach(changes, textOf, (change, file, text) => made(change, new ParsedSource(ts, file, text)));
}

function made(change: Change, parsed: ParsedSource): readonly SourceEdit[] | null {
  switch (change.kind) {
    case "insert-call":
      return insertCall(change, parsed);
    case "move":
      return move(change, parsed);
    case "insert-layer":
      return insertLayer(change, parsed);
    default: {
      const call = parsed.callAt(change.call);
      return call && changedCall(change, call, parsed);
    }
  }
}

type CallChange = Extract<Change, { readonly call: Site }>;

function changedCall(change: CallChange, call: WrittenCall, parsed: ParsedSource): readonly SourceEdit[] | null {
  const { source } = parsed;
  const end = call.node.getEnd();
  switch (change.kind) {
    case "leave-out":
      return leaveOut(call, parsed);
    case "rename": {
      // A function that was imported by itself has a neighbour that was not.
      const isReached = parsed.ts.isPropertyAccessExpression(call.node.expression);
      if (!isReached || call.name.text !== change.from) return null;
      return [source.edit(parsed.start(call.name), call.name.getEnd(), change.to)];
    }
    case "number":
      return number(change, call, parsed);
    case "word":
      return word(change, call, parsed);
    case "append":
      return [source.edit(end, end, change.text)];
    case "append-to-operand":
      return appendToOperand(change, call, parsed);
  }
}

function leaveOut({ node, name, receiver, args }: WrittenCall, parsed: ParsedSource): readonly SourceEdit[] | null {
  const { ts, source } = parsed;
  const end = node.getEnd();
  if (ts.isNewExpression(node)) {
    const before = elementBefore(node, parsed);
    return [before ? source.edit(before.getEnd(), end, "") : source.edit(parsed.start(name), end, "Identity()")];
  }
  if (receiver) return [source.edit(receiver.getEnd(), end, "")];
  const [first] = args;
  if (!first) return null;
  return [source.edit(parsed.start(node), end, isOperand(ts, node) ? operand(first, parsed) : parsed.text(first))];
}

/** The element of a list of arguments or of an array that stands before one. */
function elementBefore(node: TS.Expression, { ts }: ParsedSource): TS.Expression | undefined {
  const list = node.parent;
  const elements =
    ts.isCallExpression(list) || ts.isNewExpression(list)
      ? list.arguments
      : ts.isArrayLiteralExpression(list)
        ? list.elements
        : undefined;
  return elements?.[elements.indexOf(node) - 1];
}

/** Whether something is done with an expression where it stands, so that what takes its place must hold together. */
function isOperand(ts: typeof TS, node: TS.Expression): boolean {
  const { parent } = node;
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) return parent.expression === node;
  return ts.isExpression(parent) && !ts.isArrayLiteralExpression(parent) && !ts.isArrowFunction(parent);
}

/** An expression as it is written, in parentheses where a dot may not follow. */
function operand(node: TS.Expression, { ts, tree }: ParsedSource): string {
  const text = node.getText(tree);
  return ts.isLeftHandSideExpression(node) && !ts.isNewExpression(node) ? text : `(${text})`;
}

function number(
  { which, to }: Extract<Change, { kind: "number" }>,
  { receiver, node, name, args }: WrittenCall,
  parsed: ParsedSource,
): readonly SourceEdit[] | null {
  const { ts } = parsed;
  const isFunction = receiver === null && !ts.isNewExpression(node) && !name.text.endsWith("_");
  const written = typeof which === "string" ? optionOf(which, args, parsed) : args[isFunction ? which + 1 : which];
  const old = written && numberOf(ts, written);
  if (!written || old === undefined) return null;
  const value = Number(changed(old, to).toPrecision(6));
  return [parsed.source.edit(parsed.start(written), written.getEnd(), String(value))];
}

/** An option of a call, or of the one group of parameters in it that has it. */
function optionOf(named: string, args: readonly TS.Expression[], { ts }: ParsedSource): TS.Expression | undefined {
  const within = (objects: readonly TS.Expression[]): TS.Expression[] =>
    objects.flatMap((object) =>
      ts.isObjectLiteralExpression(object)
        ? object.properties.flatMap((one) =>
            ts.isPropertyAssignment(one) && isNamed(ts, one.name, named) ? [one.initializer] : [],
          )
        : [],
    );
  const [own] = within(args);
  if (own) return own;
  const inGroups = within(args.flatMap((arg) => (ts.isArrayLiteralExpression(arg) ? arg.elements : [])));
  return inGroups.length === 1 ? inGroups[0] : undefined;
}

function isNamed(ts: typeof TS, name: TS.PropertyName, text: string): boolean {
  return (ts.isIdentifier(name) || ts.isStringLiteral(name)) && name.text === text;
}

function numberOf(ts: typeof TS, node: TS.Expression): number | undefined {
  if (ts.isNumericLiteral(node)) return Number(node.text);
  const isNegative = ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken;
  return isNegative && ts.isNumericLiteral(node.operand) ? -Number(node.operand.text) : undefined;
}

function changed(old: number, to: NewNumber): number {
  if ("set" in to) return to.set;
  return "times" in to ? old * to.times : 1 - old;
}

function word(
  { from, to }: Extract<Change, { kind: "word" }>,
  { args }: WrittenCall,
  parsed: ParsedSource,
): readonly SourceEdit[] | null {
  const { ts } = parsed;
  const values = args.flatMap((arg): readonly TS.Expression[] =>
    ts.isObjectLiteralExpression(arg)
      ? arg.properties.flatMap((one) => (ts.isPropertyAssignment(one) ? [one.initializer] : []))
      : [arg],
  );
  const isWord = (node: TS.Expression): boolean =>
    ts.isStringLiteralLike(node) ? JSON.stringify(node.text) === from : parsed.text(node) === from;
  const [only, ...others] = values.filter(isWord);
  return only && others.length === 0 ? [parsed.source.edit(parsed.start(only), only.getEnd(), to)] : null;
}

function appendToOperand(
  { operand: which, text: suffix }: Extract<Change, { kind: "append-to-operand" }>,
  { receiver, name, args }: WrittenCall,
  parsed: ParsedSource,
): readonly SourceEdit[] | null {
  const isCriterion = !receiver || name.text === "forward";
  if (!isCriterion && which === 0) return [parsed.source.edit(receiver.getEnd(), receiver.getEnd(), suffix)];
  const arg = args[isCriterion ? which : 0];
  return arg ? [parsed.source.edit(parsed.start(arg), arg.getEnd(), operand(arg, parsed) + suffix)] : null;
}

function insertLayer(
  { before, layer }: Extract<Change, { kind: "insert-layer" }>,
  parsed: ParsedSource,
): readonly SourceEdit[] | null {
  const { ts, source } = parsed;
  const node = parsed.callAt(before)?.node;
  if (!node || !ts.isNewExpression(node) || !elementBefore(node, parsed)) return null;
  const { expression } = node;
  const namespace = ts.isPropertyAccessExpression(expression) ? `${parsed.text(expression.expression)}.` : "";
  return [source.edit(parsed.start(node), parsed.start(node), `new ${namespace}${layer}(), `)];
}

function insertCall(
  { place, where, like, method }: Extract<Change, { kind: "insert-call" }>,
  parsed: ParsedSource,
): readonly SourceEdit[] | null {
  const beside = like.file === parsed.source.file ? parsed.statementAt(place) : null;
  const owner = beside && ownerOf(like, beside, parsed);
  return beside && owner ? [inserted(parsed, beside, where, `${owner}.${method};`)] : null;
}

/** What the object is called that a call is made on or makes, where a statement can call it so too. */
function ownerOf(like: Site, beside: TS.Statement, parsed: ParsedSource): string | null {
  const { ts } = parsed;
  const call = parsed.callAt(like);
  if (!call) return null;
  if (call.receiver) {
    const isPath = /^[\w$]+(?:\.[\w$]+)*$/u.test(parsed.text(call.receiver));
    return isPath && functionAround(ts, call.node) === functionAround(ts, beside) ? parsed.text(call.receiver) : null;
  }
  const declaration = call.node.parent;
  if (!ts.isVariableDeclaration(declaration) || !ts.isIdentifier(declaration.name)) return null;
  const scope = declaration.parent.parent.parent;
  return scope.pos <= beside.pos && beside.end <= scope.end ? declaration.name.text : null;
}

function functionAround(ts: typeof TS, node: TS.Node): TS.Node {
  let at = node.parent;
  while (!ts.isFunctionLike(at) && !ts.isSourceFile(at)) at = at.parent;
  return at;
}

function move(
  { statement, place, where }: Extract<Change, { kind: "move" }>,
  parsed: ParsedSource,
): readonly SourceEdit[] | null {
  const { source } = parsed;
  const moved = statement.file === source.file ? parsed.statementAt(statement) : null;
  const beside = parsed.statementAt(place);
  if (!moved || !beside) return null;
  const line = source.lineOf(moved.getEnd());
  const [start, end] = [source.offset(line, 1), source.offset(line + 1, 1)];
  return [source.edit(start, end, ""), inserted(parsed, beside, where, source.line(line).trim())];
}

/** A line of its own beside a statement that has one. */
function inserted(
  { source }: ParsedSource,
  beside: TS.Statement,
  where: "before" | "after",
  statement: string,
): SourceEdit {
  const line = source.lineOf(beside.getEnd());
  const [indent = ""] = /^\s*/u.exec(source.line(line)) ?? [];
  const start = source.offset(line, 1);
  if (where === "before") return source.edit(start, start, `${indent}${statement}\n`);
  const end = start + source.line(line).length;
  return source.edit(end, end, `\n${indent}${statement}`);
}
