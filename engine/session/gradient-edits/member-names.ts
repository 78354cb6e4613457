import type TS from "typescript";
import { skipOuter } from "../loader/skip-outer.ts";
import type { Member } from "./function-members.ts";

/** Declares a name: a parameter, a variable, an element of a pattern, a function or a class. */
type Declaration = TS.NamedDeclaration;

/** The names that are declared anywhere inside of a function, and what becomes of them there. */
export class MemberNames {
  readonly #ts: typeof TS;
  readonly #declared = new Map<string, Declaration[]>();
  /** What is assigned to a name later on; null where it is changed in another way, as by `++` or `x.mul_(2)`. */
  readonly #changes = new Map<string, (TS.Expression | null)[]>();

  constructor(ts: typeof TS, member: Member) {
    this.#ts = ts;
    ts.forEachChild(member, (node) => this.#visit(node));
  }

  /** The declaration of a name that nothing shadows; null where there is none, or several. */
  only(name: string): Declaration | null {
    const [first, ...others] = this.#declared.get(name) ?? [];
    return first && others.length === 0 ? first : null;
  }

  /** Whether a name means here what it means outside. */
  isFree(name: string): boolean {
    return !this.#declared.has(name);
  }

  /** Whether a name is declared once, and keeps its value. */
  isSteady(name: string): boolean {
    return this.only(name) !== null && this.changesOf(name).length === 0;
  }

  changesOf(name: string): readonly (TS.Expression | null)[] {
    return this.#changes.get(name) ?? [];
  }

  #visit(node: TS.Node): void {
    const ts = this.#ts;
    if (ts.isTypeNode(node)) return;
    if (
      ts.isParameter(node) ||
      ts.isVariableDeclaration(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isFunctionExpression(node) ||
      ts.isClassLike(node)
    ) {
      if (node.name && ts.isIdentifier(node.name)) noteIn(this.#declared, node.name.text, node);
    } else if (ts.isBinaryExpression(node) && this.#assigns(node.operatorToken.kind)) {
      const isPlain = node.operatorToken.kind === ts.SyntaxKind.EqualsToken && ts.isIdentifier(node.left);
      this.#noteChange(node.left, isPlain ? node.right : null);
    } else if (ts.isPostfixUnaryExpression(node)) {
      this.#noteChange(node.operand, null);
    } else if (ts.isPrefixUnaryExpression(node)) {
      const { PlusPlusToken, MinusMinusToken } = ts.SyntaxKind;
      if ([PlusPlusToken, MinusMinusToken].includes(node.operator)) this.#noteChange(node.operand, null);
    } else if ((ts.isForOfStatement(node) || ts.isForInStatement(node)) && ts.isExpression(node.initializer)) {
      this.#noteChange(node.initializer, null);
    } else if (ts.isCallExpression(node)) {
      const callee = skipOuter(ts, node.expression);
      // PyTorch's name for what works in place.
      if (ts.isPropertyAccessExpression(callee) && /[^_]_$/u.test(callee.name.text)) {
        this.#noteChange(rootOf(ts, callee), null);
      }
    }
    ts.forEachChild(node, (child) => this.#visit(child));
  }

  #assigns(operator: TS.SyntaxKind): boolean {
    const { FirstAssignment, LastAssignment } = this.#ts.SyntaxKind;
    return operator >= FirstAssignment && operator <= LastAssignment;
  }

  /** Notes every name in what is assigned to, which may be a pattern. A property is not its object, but for `x.data`. */
  #noteChange(target: TS.Node, value: TS.Expression | null): void {
    const ts = this.#ts;
    if (ts.isIdentifier(target)) noteIn(this.#changes, target.text, value);
    else if (ts.isPropertyAccessExpression(target)) {
      if (target.name.text === "data") this.#noteChange(rootOf(ts, target), null);
    } else if (!ts.isElementAccessExpression(target)) ts.forEachChild(target, (child) => this.#noteChange(child, null));
  }
}

/** What a chain of calls and properties starts from: `x` of `x.mul(w).sum(0)`. */
export function rootOf(ts: typeof TS, expression: TS.Expression): TS.Expression {
  let root = skipOuter(ts, expression);
  while (ts.isCallExpression(root) || ts.isPropertyAccessExpression(root) || ts.isElementAccessExpression(root)) {
    root = skipOuter(ts, root.expression);
  }
  return root;
}

function noteIn<T>(notes: Map<string, T[]>, name: string, note: T): void {
  const all = notes.get(name) ?? [];
  all.push(note);
  notes.set(name, all);
}
