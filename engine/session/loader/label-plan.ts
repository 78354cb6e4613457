import type TS from "typescript";
import { skipOuter } from "./skip-outer.ts";

/** Names of models that stand still while another one of the same kind learns. */
const OTHER_MODEL = /target|teacher|frozen|reference|momentum|slow|ema/iu;

/**
 * Which expressions of a file get which label: the name under which the user will read the value, as far as it is
 * written out. `h1` for `const h1 = f()`; `w` for `this.w = f()` and the field `w = f()`; `params.w` and `ws[0]` for
 * what is declared inside a literal. Only values that a call has just made are labelled, not what is passed on, unless
 * its new name says that it is another model: `const target = online` is worth knowing.
 */
export class LabelPlan {
  readonly #ts: typeof TS;
  readonly #labels = new Map<TS.Node, string>();

  constructor(ts: typeof TS) {
    this.#ts = ts;
  }

  /** Notes the labels of the expressions that `node` assigns. Call it before its children are visited. */
  plan(node: TS.Node): void {
    const ts = this.#ts;
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) {
      this.#label(node.initializer, node.name.text);
      if (OTHER_MODEL.test(node.name.text)) this.#labelPassedOn(node.initializer, node.name.text);
    }
    if (ts.isPropertyDeclaration(node)) this.#label(node.initializer, this.staticName(node.name));
    else if (ts.isBinaryExpression(node) && this.#assigns(node)) this.#label(node.right, this.#target(node.left));
  }

  /** The label that was planned for an expression. */
  take(node: TS.Node): string | undefined {
    return this.#labels.get(node);
  }

  /** What patterns of a declaration bind: `a` and `b` of `const [a, b] = f()`. */
  namesBound(list: TS.VariableDeclarationList): TS.Identifier[] {
    const ts = this.#ts;
    return list.declarations.flatMap((declaration) => {
      const { name, initializer } = declaration;
      if (ts.isIdentifier(name) || initializer === undefined || !this.#isMade(initializer)) return [];
      return this.#namesOfPattern(name);
    });
  }

  /** What a destructuring assignment sets: `h` and `c` of `[h, c] = cell.forward(x, [h, c])`. */
  namesAssigned(expression: TS.Expression): TS.Identifier[] {
    const ts = this.#ts;
    const inner = skipOuter(ts, expression);
    if (!ts.isBinaryExpression(inner) || inner.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return [];
    return this.#isMade(inner.right) ? this.#namesOfTarget(inner.left) : [];
  }

  /** What each round of a loop over batches binds: `x` and `target` of `for (const [x, target] of loader)`. */
  namesOfEach(node: TS.ForOfStatement): TS.Identifier[] {
    const ts = this.#ts;
    if (!ts.isVariableDeclarationList(node.initializer)) return [];
    return node.initializer.declarations.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [] : this.#namesOfPattern(name),
    );
  }

  /** The variable, property or parameter that an anonymous function or class gives its name to. */
  nameFor(node: TS.Node): string | undefined {
    const ts = this.#ts;
    let { parent } = node;
    while (ts.isParenthesizedExpression(parent) || ts.isAsExpression(parent) || ts.isSatisfiesExpression(parent)) {
      parent = parent.parent;
    }
    if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) {
      return this.staticName(parent.name);
    }
    if (ts.isBinaryExpression(parent) && this.#assigns(parent)) return this.#target(parent.left);
    return undefined;
  }

  /** A property's or variable's name when it is written out. */
  staticName(name: TS.PropertyName | TS.BindingName): string | undefined {
    const ts = this.#ts;
    if (ts.isPrivateIdentifier(name)) return name.text.slice(1);
    if (ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name)) return name.text;
    if (ts.isComputedPropertyName(name) && ts.isStringLiteralLike(name.expression)) return name.expression.text;
    return undefined;
  }

  isStatic(node: TS.PropertyDeclaration): boolean {
    return node.modifiers?.some((modifier) => modifier.kind === this.#ts.SyntaxKind.StaticKeyword) ?? false;
  }

  isAmbient(node: TS.Node): boolean {
    const ts = this.#ts;
    if (!ts.canHaveModifiers(node)) return false;
    return ts.getModifiers(node)?.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword) ?? false;
  }

  /** `require("…")`, which tools find by its text. */
  isRequire(node: TS.CallExpression): boolean {
    const ts = this.#ts;
    const [argument] = node.arguments;
    return (
      ts.isIdentifier(node.expression) &&
      node.expression.text === "require" &&
      argument !== undefined &&
      ts.isStringLiteralLike(argument)
    );
  }

  #label(value: TS.Expression | undefined, name: string | undefined): void {
    const ts = this.#ts;
    if (value === undefined || name === undefined) return;
    const inner = skipOuter(ts, value);
    if (ts.isObjectLiteralExpression(inner)) {
      for (const property of inner.properties) {
        if (!ts.isPropertyAssignment(property)) continue;
        const key = this.staticName(property.name);
        if (key !== undefined) this.#label(property.initializer, `${name}.${key}`);
      }
    } else if (ts.isArrayLiteralExpression(inner)) {
      for (const [i, element] of inner.elements.entries()) {
        if (ts.isSpreadElement(element)) break;
        this.#label(element, `${name}[${i}]`);
      }
    } else if (this.#isCallResult(value)) this.#labels.set(value, name);
  }

  #labelPassedOn(value: TS.Expression | undefined, name: string): void {
    if (value !== undefined && this.#ts.isIdentifier(value)) this.#labels.set(value, name);
  }

  /** A value that was made on the spot: by a call, or as a literal of such values. */
  #isMade(node: TS.Expression): boolean {
    const inner = skipOuter(this.#ts, node);
    return this.#ts.isArrayLiteralExpression(inner) || this.#isCallResult(node);
  }

  #isCallResult(node: TS.Expression): boolean {
    const ts = this.#ts;
    const inner = skipOuter(ts, node);
    if (ts.isCallExpression(inner)) {
      const { kind } = inner.expression;
      return kind !== ts.SyntaxKind.ImportKeyword && kind !== ts.SyntaxKind.SuperKeyword && !this.isRequire(inner);
    }
    if (ts.isNewExpression(inner) || ts.isTaggedTemplateExpression(inner)) return true;
    if (ts.isAwaitExpression(inner)) return this.#isCallResult(inner.expression);
    if (ts.isConditionalExpression(inner)) {
      return this.#isCallResult(inner.whenTrue) || this.#isCallResult(inner.whenFalse);
    }
    if (ts.isBinaryExpression(inner)) {
      switch (inner.operatorToken.kind) {
        case ts.SyntaxKind.CommaToken:
          return this.#isCallResult(inner.right);
        case ts.SyntaxKind.QuestionQuestionToken:
        case ts.SyntaxKind.BarBarToken:
        case ts.SyntaxKind.AmpersandAmpersandToken:
          return this.#isCallResult(inner.left) || this.#isCallResult(inner.right);
        default:
          return false;
      }
    }
    // `x.max(1).values`, `lstm.forward(x)[0]`
    if (ts.isPropertyAccessExpression(inner) || ts.isElementAccessExpression(inner)) {
      return ts.isCallExpression(skipOuter(ts, inner.expression)) && this.#isCallResult(inner.expression);
    }
    return false;
  }

  #assigns(node: TS.BinaryExpression): boolean {
    const ts = this.#ts;
    const { kind } = node.operatorToken;
    return (
      kind === ts.SyntaxKind.EqualsToken ||
      kind === ts.SyntaxKind.QuestionQuestionEqualsToken ||
      kind === ts.SyntaxKind.BarBarEqualsToken ||
      kind === ts.SyntaxKind.AmpersandAmpersandEqualsToken
    );
  }

  /** The name of what an assignment sets; `this.` goes without saying. */
  #target(node: TS.Expression): string | undefined {
    const ts = this.#ts;
    const inner = skipOuter(ts, node);
    if (ts.isIdentifier(inner)) return inner.text;
    if (ts.isPropertyAccessExpression(inner)) {
      const name = this.staticName(inner.name);
      if (inner.expression.kind === ts.SyntaxKind.ThisKeyword) return name;
      const owner = this.#target(inner.expression);
      if (owner === "module" && name === "exports") return undefined;
      return owner === undefined || owner === "exports" ? name : `${owner}.${name}`;
    }
    if (ts.isElementAccessExpression(inner) && ts.isLiteralExpression(inner.argumentExpression)) {
      const owner = this.#target(inner.expression);
      const key = inner.argumentExpression;
      if (owner === undefined) return undefined;
      return ts.isNumericLiteral(key) ? `${owner}[${key.text}]` : `${owner}.${key.text}`;
    }
    return undefined;
  }

  #namesOfPattern(pattern: TS.BindingPattern): TS.Identifier[] {
    const ts = this.#ts;
    return pattern.elements.flatMap((element) => {
      if (ts.isOmittedExpression(element) || element.dotDotDotToken !== undefined) return [];
      return ts.isIdentifier(element.name) ? [element.name] : this.#namesOfPattern(element.name);
    });
  }

  #namesOfTarget(node: TS.Expression): TS.Identifier[] {
    const ts = this.#ts;
    const inner = skipOuter(ts, node);
    if (ts.isArrayLiteralExpression(inner)) return inner.elements.flatMap((element) => this.#namesInTarget(element));
    if (!ts.isObjectLiteralExpression(inner)) return [];
    return inner.properties.flatMap((property) => {
      if (ts.isShorthandPropertyAssignment(property)) return [property.name];
      return ts.isPropertyAssignment(property) ? this.#namesInTarget(property.initializer) : [];
    });
  }

  #namesInTarget(node: TS.Expression): TS.Identifier[] {
    const ts = this.#ts;
    if (ts.isIdentifier(node)) return [node];
    if (ts.isBinaryExpression(node)) return this.#namesInTarget(node.left);
    return ts.isSpreadElement(node) ? [] : this.#namesOfTarget(node);
  }
}
