import type TS from "typescript";

/** A static member that can be called, whose text is there. */
export type Member = (TS.MethodDeclaration | TS.FunctionExpression | TS.ArrowFunction) & {
  readonly body: TS.ConciseBody;
};

/** What belongs together of a custom Function's class. */
export interface FunctionMembers {
  readonly backward: Member;
  /** Null where the class inherits it. */
  readonly forward: Member | null;
}

/**
 * The members of the class whose static `backward` stands in a range of a file. Null where it is not certain that what is
 * written there is all that runs: behind decorators, in generators and async functions, or where another class of the
 * name has a `backward` too, since a Function is looked up by its name.
 */
export function functionMembersAt(
  ts: typeof TS,
  file: TS.SourceFile,
  start: number,
  end: number,
): FunctionMembers | null {
  const found: { owner: TS.ClassLikeDeclaration; backward: Member }[] = [];
  const visit = (node: TS.Node): void => {
    const backward = ts.isClassLike(node) ? memberOf(ts, node, "backward") : null;
    if (backward) found.push({ owner: node as TS.ClassLikeDeclaration, backward });
    ts.forEachChild(node, visit);
  };
  visit(file);
  const own = found.find(({ backward }) => backward.getStart(file) === start && backward.getEnd() === end);
  if (!own || isDecorated(ts, own.owner)) return null;
  const name = nameOf(ts, own.owner);
  if (found.filter(({ owner }) => nameOf(ts, owner) === name).length > 1) return null;
  const forward = memberOf(ts, own.owner, "forward");
  return isPlain(ts, own.backward) && (!forward || isPlain(ts, forward)) ? { backward: own.backward, forward } : null;
}

/** The parameters that are given when it is called: a type of `this` is none. */
export function parametersOf(ts: typeof TS, { parameters }: Member): readonly TS.ParameterDeclaration[] {
  return parameters.filter(({ name }) => !(ts.isIdentifier(name) && name.text === "this"));
}

/** What a member returns; null unless that is one expression, which nothing goes around. */
export function returnedBy(ts: typeof TS, { body }: Member): TS.Expression | null {
  if (!ts.isBlock(body)) return body;
  const returns: TS.ReturnStatement[] = [];
  const visit = (node: TS.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (ts.isReturnStatement(node)) returns.push(node);
    ts.forEachChild(node, visit);
  };
  visit(body);
  const [only] = returns;
  return only && returns.length === 1 && only.parent === body ? (only.expression ?? null) : null;
}

function memberOf(ts: typeof TS, owner: TS.ClassLikeDeclaration, called: string): Member | null {
  for (const member of owner.members) {
    const isCalledSo =
      member.name && (ts.isIdentifier(member.name) || ts.isStringLiteral(member.name)) && member.name.text === called;
    if (!isCalledSo || !isStatic(ts, member)) continue;
    const written = ts.isPropertyDeclaration(member) ? member.initializer : member;
    // Overloads have no body.
    if (written && isMember(ts, written)) return written;
  }
  return null;
}

function isMember(ts: typeof TS, node: TS.Node): node is Member {
  const isCallable = ts.isMethodDeclaration(node) || ts.isFunctionExpression(node) || ts.isArrowFunction(node);
  return isCallable && node.body !== undefined;
}

function isStatic(ts: typeof TS, member: TS.ClassElement): boolean {
  const modifiers = ts.canHaveModifiers(member) ? ts.getModifiers(member) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ?? false;
}

function isPlain(ts: typeof TS, member: Member): boolean {
  const isAsync = ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ?? false;
  return !isAsync && !member.asteriskToken && !isDecorated(ts, member) && !isDecorated(ts, member.parent);
}

function isDecorated(ts: typeof TS, node: TS.Node): boolean {
  return ts.canHaveDecorators(node) && (ts.getDecorators(node) ?? []).length > 0;
}

/** What the class is called when it runs, as far as that is written. */
function nameOf(ts: typeof TS, { name, parent }: TS.ClassLikeDeclaration): string | undefined {
  if (name) return name.text;
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name.text : undefined;
}
