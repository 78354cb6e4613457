import type TS from "typescript";
import type { CompiledFunction, CompiledSite } from "./compiled-module.ts";
import { LabelPlan } from "./label-plan.ts";
import { comparisonIn, namesComparison } from "./comparisons.ts";
import { importedFromEngine, isHandedOn } from "./imported-names.ts";
import { skipOuter } from "./skip-outer.ts";
import { rangeOf } from "./source-range.ts";
import { isNoTensor } from "./tensor-sums.ts";

/** What instrumented code calls. Globals: both module formats reach them, at the cost of a constant. */
export const SITE = "__backstepSite";
export const SUPER = "__backstepSuper";
export const KEEP = "__backstepKeep";
export const KEPT = "__backstepKept";
export const LABEL = "__backstepLabel";
export const THROWN = "__backstepThrown";
export const TESTED = "__backstepTested";
export const ADDED = "__backstepAdded";
export const NAMED = "__backstepNamed";

/** Digits of a site id in emitted code: fixed, so that ids can be given when a file is loaded and columns stay. */
export const ID_DIGITS = 6;

export interface Instrumentation {
  readonly sites: CompiledSite[];
  readonly functions: CompiledFunction[];
}

/**
 * A transformer that gives every call of a file a site id, and labels to what is assigned. The id is set at the last
 * moment before the call, after callee and arguments are evaluated, since those may hold calls of their own:
 *
 *     x.matmul(w)      x.matmul(site(1, w))            the last argument is wrapped
 *     x.relu()         x.relu(...(site(1), []))        without arguments: a spread of nothing
 *     f(a, ...xs)      f(site(1, a), ...xs)            before the spread of a name
 *     f(...g())        f(...site(1, [...g()]))         after any other, as iterating may run calls
 *     tag`a${x}`       tag`a${site(1, x)}`
 *     if (x.gt(0))     if (tested(2, x.gt(site(1, 0))))                   a comparison of tensors is always truthy
 *     a + b            a + added(1, b, a)              a tensor would be joined as text
 *     [nn.ReLU]        [named(1, nn, "ReLU", nn.ReLU)]                    a name that there is not would be undefined
 *     throw x          throw thrown(1, x)              what is not an Error carries no position of its own
 *     w.requiresGrad = false              w.requiresGrad = site(1, false)     a setter of the engine's
 *     const h = f(x)   const h = label("h", f(site(1, x)))
 *
 * The spread of an empty literal adds no argument and keeps `this`, `super()`, optional chains and V8's messages
 * ("x.relu(...).foo is not a function") what they are. V8 optimises it away: it costs some 2 ns.
 */
export function instrumenter(
  ts: typeof TS,
  found: Instrumentation,
  format: "module" | "commonjs",
): TS.TransformerFactory<TS.SourceFile> {
  return (context) => {
    const { factory } = context;

    return (sourceFile) => {
      const labels = new LabelPlan(ts);
      const imported = importedFromEngine(ts, sourceFile);
      /** Names of the functions and classes around the syntax node that is visited, innermost last. */
      const functions: string[] = [];
      const classes: string[] = [];

      function newSite(node: TS.Node, at: TS.Node): TS.Expression {
        const range = rangeOf(sourceFile, at.getStart(sourceFile), node.getEnd());
        const within = functions.findLast((name) => name !== "<anonymous>");
        found.sites.push(within === undefined ? { range } : { range, within });
        return factory.createNumericLiteral(`0x${(found.sites.length - 1).toString(16).padStart(ID_DIGITS, "0")}`);
      }

      function callRuntime(name: string, ...args: TS.Expression[]): TS.Expression {
        return factory.createCallExpression(factory.createIdentifier(name), undefined, args);
      }

      function noArgument(noting: string, site: TS.Expression): TS.Expression {
        return factory.createSpreadElement(
          factory.createParenthesizedExpression(
            factory.createComma(callRuntime(noting, site), factory.createArrayLiteralExpression()),
          ),
        );
      }

      /** What an editor would mark: the method's name, the key, else the callee. */
      function nameOf(callee: TS.Expression): TS.Node {
        const inner = skipOuter(ts, callee);
        if (ts.isPropertyAccessExpression(inner)) return inner.name;
        if (ts.isElementAccessExpression(inner)) return inner.argumentExpression;
        return callee;
      }

      function withSite(site: TS.Expression, args: readonly TS.Expression[], noting = SITE): TS.Expression[] {
        const last = args[args.length - 1];
        if (last === undefined) return [noArgument(noting, site)];
        const others = args.slice(0, -1);
        if (!ts.isSpreadElement(last)) return [...others, callRuntime(noting, site, last)];
        const before = others[others.length - 1];
        if (!ts.isIdentifier(last.expression)) {
          const iterated = factory.createArrayLiteralExpression([last]);
          return [...others, factory.createSpreadElement(callRuntime(noting, site, iterated))];
        }
        // A spread stays the last argument, and a name a name: V8 words its messages by them.
        if (before === undefined || ts.isSpreadElement(before)) {
          return [...others, factory.updateSpreadElement(last, callRuntime(noting, site, last.expression))];
        }
        return [...others.slice(0, -1), callRuntime(noting, site, before), last];
      }

      function visitCall(node: TS.CallExpression): TS.Expression {
        if (isLeftAlone(node)) return ts.visitEachChild(node, visit, context);
        const site = newSite(node, nameOf(node.expression));
        const call = ts.visitEachChild(node, visit, context);
        const args = isRejection(node)
          ? [callRuntime(THROWN, site, call.arguments[0]!)]
          : node.expression.kind === ts.SyntaxKind.SuperKeyword
            ? superArguments(site, node, call.arguments)
            : withSite(site, call.arguments);
        return ts.isCallChain(call)
          ? factory.updateCallChain(call, call.expression, call.questionDotToken, call.typeArguments, args)
          : factory.updateCallExpression(call, call.expression, call.typeArguments, args);
      }

      /** Where the object is made is kept while other calls compute what `super` is given. */
      function superArguments(
        site: TS.Expression,
        node: TS.CallExpression,
        args: readonly TS.Expression[],
      ): TS.Expression[] {
        if (!node.arguments.some(holdsCall)) return withSite(site, args, SUPER);
        const [first, ...others] = withSite(site, args, KEPT);
        const after = (value: TS.Expression): TS.Expression =>
          factory.createParenthesizedExpression(factory.createComma(callRuntime(KEEP), value));
        return ts.isSpreadElement(first!)
          ? [factory.updateSpreadElement(first, after(first.expression)), ...others]
          : [after(first!), ...others];
      }

      function holdsCall(node: TS.Node): boolean {
        if (ts.isFunctionLike(node)) return false;
        if (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node)) return true;
        return ts.forEachChild(node, (child) => holdsCall(child) || undefined) ?? false;
      }

      /** `import()` and `require("…")`; and what readers of CommonJS look for to learn the names it exports. */
      function isLeftAlone(node: TS.CallExpression): boolean {
        const { expression, arguments: args } = node;
        if (expression.kind === ts.SyntaxKind.ImportKeyword || labels.isRequire(node)) return true;
        return format === "commonjs" && args.some((arg) => ts.isIdentifier(arg) && arg.text === "exports");
      }

      /** `Promise.reject(reason)`, and `reject(reason)` as an executor's second parameter is called: as good as a throw. */
      function isRejection({ expression, arguments: [reason, ...others] }: TS.CallExpression): boolean {
        if (reason === undefined || others.length > 0 || ts.isSpreadElement(reason)) return false;
        if (ts.isIdentifier(expression)) return expression.text === "reject";
        return ts.isPropertyAccessExpression(expression) && expression.getText(sourceFile) === "Promise.reject";
      }

      function visitNew(node: TS.NewExpression): TS.Expression {
        const site = newSite(node, node);
        const construct = ts.visitEachChild(node, visit, context);
        const args = withSite(site, construct.arguments ?? []);
        return factory.updateNewExpression(construct, construct.expression, construct.typeArguments, args);
      }

      function visitTemplate(node: TS.TaggedTemplateExpression): TS.Expression {
        if (ts.isTemplateExpression(node.template)) {
          const site = newSite(node, nameOf(node.tag));
          const tagged = ts.visitEachChild(node, visit, context);
          const filled = tagged.template as TS.TemplateExpression;
          const last = filled.templateSpans.at(-1)!;
          const spans = [
            ...filled.templateSpans.slice(0, -1),
            factory.updateTemplateSpan(last, callRuntime(SITE, site, last.expression), last.literal),
          ];
          const updated = factory.updateTemplateExpression(filled, filled.head, spans);
          return factory.updateTaggedTemplateExpression(tagged, tagged.tag, tagged.typeArguments, updated);
        }
        return ts.visitEachChild(node, visit, context);
      }

      /** `w.requiresGrad = false`: as good as a call of `requiresGrad_`. */
      function isSwitch(node: TS.Node): node is TS.BinaryExpression {
        if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return false;
        return ts.isPropertyAccessExpression(node.left) && node.left.name.text === "requiresGrad";
      }

      function visitSwitch(node: TS.BinaryExpression): TS.Expression {
        const site = newSite(node, nameOf(node.left));
        const { left, operatorToken, right } = ts.visitEachChild(node, visit, context);
        return factory.updateBinaryExpression(node, left, operatorToken, callRuntime(SITE, site, right));
      }

      /** `a + b` or `a += b`, of which one operand is a variable, which may be read once more. */
      function visitSum(node: TS.BinaryExpression): TS.Expression | undefined {
        const { kind } = node.operatorToken;
        const isAssigned = kind === ts.SyntaxKind.PlusEqualsToken;
        if (!isAssigned && kind !== ts.SyntaxKind.PlusToken) return undefined;
        if (isNoTensor(ts, node.left) || isNoTensor(ts, node.right)) return undefined;
        const readsLeft = ts.isIdentifier(node.left);
        if (!readsLeft && (isAssigned || !ts.isIdentifier(node.right))) return undefined;
        const site = newSite(node, node);
        const { left, operatorToken, right } = ts.visitEachChild(node, visit, context);
        const added = (value: TS.Expression, other: TS.Expression): TS.Expression =>
          callRuntime(ADDED, site, value, again(other));
        return readsLeft
          ? factory.updateBinaryExpression(node, left, operatorToken, added(right, node.left))
          : factory.updateBinaryExpression(node, added(left, node.right), operatorToken, right);
      }

      /** A name once more. The compiler looks the original up to see that it is a property of a namespace. */
      function again(node: TS.Expression): TS.Expression {
        if (ts.isPropertyAccessExpression(node)) {
          return factory.createPropertyAccessExpression(again(node.expression), node.name.text);
        }
        return ts.isIdentifier(node) ? ts.setOriginalNode(factory.createIdentifier(node.text), node) : node;
      }

      function visitNamed(node: TS.PropertyAccessExpression): TS.Expression {
        const site = newSite(node, node.name);
        const value = ts.visitEachChild(node, visit, context);
        return callRuntime(NAMED, site, again(node.expression), factory.createStringLiteral(node.name.text), value);
      }

      function visitThrow(node: TS.ThrowStatement): TS.Statement {
        // An error carries its place, and what is thrown most is one.
        const thrown = skipOuter(ts, node.expression);
        const isError =
          ts.isNewExpression(thrown) && /(?:Error|Exception)$/u.test(thrown.expression.getText(sourceFile));
        if (isError) return ts.visitEachChild(node, visit, context);
        const site = newSite(node, node);
        const visited = ts.visitEachChild(node, visit, context);
        return factory.updateThrowStatement(visited, callRuntime(THROWN, site, visited.expression));
      }

      /**
       * What stands for true or false: the condition of `if`, `?:`, a loop, an operand of `!`, `&&` or `||`. Only what
       * looks like a comparison of tensors, or is a constant that one gave, is asked what it is: a tensor that may be
       * missing is rightly tested by its name, but not by a loop, which would never end.
       */
      function visitTested(node: TS.Expression, isOfLoop: boolean): TS.Expression {
        const visited = ts.visitNode(node, visit) as TS.Expression;
        const inner = skipOuter(ts, node);
        const comparison = comparisonIn(ts, inner);
        if (comparison !== null) return callRuntime(TESTED, newSite(inner, comparison), visited);
        const isNamed = ts.isIdentifier(inner) && (isOfLoop || namesComparison(ts, inner));
        return isNamed ? callRuntime(TESTED, newSite(inner, inner), visited) : visited;
      }

      function visitCondition(node: TS.Node): TS.Node | undefined {
        const tested = testedIn(node);
        if (tested === undefined) return undefined;
        const isOfLoop = ts.isWhileStatement(node) || ts.isDoStatement(node) || ts.isForStatement(node);
        const visitPart = (child: TS.Node): TS.Node | TS.Node[] | undefined =>
          child === tested ? visitTested(tested, isOfLoop) : visit(child);
        return ts.visitEachChild(node, visitPart, context);
      }

      /** The part of a statement or expression that counts as true or false. */
      function testedIn(node: TS.Node): TS.Expression | undefined {
        if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) return node.expression;
        if (ts.isConditionalExpression(node) || ts.isForStatement(node)) return node.condition;
        if (ts.isPrefixUnaryExpression(node)) {
          return node.operator === ts.SyntaxKind.ExclamationToken ? node.operand : undefined;
        }
        if (!ts.isBinaryExpression(node)) return undefined;
        const { kind } = node.operatorToken;
        const isLogical = kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken;
        return isLogical ? node.left : undefined;
      }

      function labelled(name: string, value: TS.Expression): TS.Expression {
        return callRuntime(LABEL, factory.createStringLiteral(name), value);
      }

      /** Statements that label what a pattern has just bound. */
      function labelStatements(names: readonly TS.Identifier[]): TS.Statement[] {
        return names.map((name) => {
          // The compiler looks the original up to see that a name is a property of `exports` or of a namespace.
          const reference = ts.setOriginalNode(factory.createIdentifier(name.text), name);
          return factory.createExpressionStatement(labelled(name.text, reference));
        });
      }

      function visitInside(node: TS.Node, name: string): TS.Node {
        found.functions.push({ range: rangeOf(sourceFile, node.getStart(sourceFile), node.getEnd()), name });
        functions.push(name);
        const visited = ts.visitEachChild(node, visit, context);
        functions.pop();
        return visited;
      }

      function visitClass(node: TS.ClassLikeDeclaration): TS.Node {
        classes.push(node.name?.text ?? labels.nameFor(node) ?? "<anonymous>");
        const visited = ts.visitEachChild(node, visit, context);
        classes.pop();
        return visited;
      }

      /** The name of a function as a stack shows it. */
      function functionName(node: TS.Node): string {
        const owner = classes[classes.length - 1] ?? "<anonymous>";
        if (ts.isConstructorDeclaration(node)) return `new ${owner}`;
        if (ts.isClassStaticBlockDeclaration(node)) return owner;
        if (ts.isPropertyDeclaration(node)) return labels.isStatic(node) ? owner : `new ${owner}`;
        if (ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isArrowFunction(node)) {
          const name = node.name?.text ?? labels.nameFor(node) ?? "<anonymous>";
          return ts.isPropertyDeclaration(node.parent) ? `${owner}.${name}` : name;
        }
        const member = node as TS.MethodDeclaration | TS.AccessorDeclaration;
        const name = labels.staticName(member.name) ?? "<anonymous>";
        return ts.isClassLike(node.parent) ? `${owner}.${name}` : name;
      }

      function visitStatement(node: TS.Node): TS.Node | TS.Node[] | undefined {
        if (ts.isVariableStatement(node)) {
          const names = labels.namesBound(node.declarationList);
          const visited = ts.visitEachChild(node, visit, context);
          return names.length === 0 ? visited : [visited, ...labelStatements(names)];
        }
        if (ts.isExpressionStatement(node)) {
          const names = labels.namesAssigned(node.expression);
          const visited = ts.visitEachChild(node, visit, context);
          return names.length === 0 ? visited : [visited, ...labelStatements(names)];
        }
        if (ts.isForOfStatement(node)) {
          const names = labels.namesOfEach(node);
          const visited = ts.visitEachChild(node, visit, context);
          if (names.length === 0) return visited;
          const inside = ts.isBlock(visited.statement) ? visited.statement.statements : [visited.statement];
          const body = factory.createBlock([...labelStatements(names), ...inside], true);
          return factory.updateForOfStatement(
            visited,
            visited.awaitModifier,
            visited.initializer,
            visited.expression,
            body,
          );
        }
        return undefined;
      }

      function visit(node: TS.Node): TS.Node | TS.Node[] {
        const label = labels.take(node);
        if (label !== undefined) {
          const value = visitPlain(node) as TS.Expression;
          return labelled(label, ts.isIdentifier(node) ? callRuntime(SITE, newSite(node, node), value) : value);
        }
        return visitPlain(node);
      }

      function visitPlain(node: TS.Node): TS.Node | TS.Node[] {
        // Types and enumerations are the compiler's: it evaluates members of the latter from the tree as it was.
        if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return node;
        if (ts.isEnumDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) {
          return node;
        }
        if (labels.isAmbient(node)) return node;
        labels.plan(node);
        const statement = visitStatement(node);
        if (statement !== undefined) return statement;
        if (ts.isCallExpression(node)) return visitCall(node);
        if (ts.isNewExpression(node)) return visitNew(node);
        if (ts.isTaggedTemplateExpression(node)) return visitTemplate(node);
        const condition = visitCondition(node);
        if (condition !== undefined) return condition;
        if (isSwitch(node)) return visitSwitch(node);
        const sum = ts.isBinaryExpression(node) ? visitSum(node) : undefined;
        if (sum !== undefined) return sum;
        if (isHandedOn(ts, node, imported)) return visitNamed(node);
        if (ts.isThrowStatement(node)) return visitThrow(node);
        if (ts.isClassLike(node)) return visitClass(node);
        if (ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node) || ts.isPropertyDeclaration(node)) {
          return visitInside(node, functionName(node));
        }
        return ts.visitEachChild(node, visit, context);
      }

      return ts.visitEachChild(sourceFile, visit, context);
    };
  };
}
