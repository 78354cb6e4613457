import type TS from "typescript";
import type { Site } from "../../protocol/site.ts";
import { SourceText } from "./source-text.ts";

/** A call as it is written: `x.softmax(1)`, `F.softmax(x, 1)`, `new nn.Softmax(1)`. */
export interface WrittenCall {
  readonly node: TS.CallExpression | TS.NewExpression;
  /** The last of its name: `softmax`, `Softmax`. */
  readonly name: TS.Identifier;
  /** The tensor or object whose method it is; null of a function and of `new`. */
  readonly receiver: TS.Expression | null;
  readonly args: readonly TS.Expression[];
}

/** A source file with its syntax tree. */
export class ParsedSource {
  readonly ts: typeof TS;
  readonly source: SourceText;
  readonly tree: TS.SourceFile;

  constructor(ts: typeof TS, file: string, text: string) {
    this.ts = ts;
    this.source = new SourceText(file, text);
    const options = {
      languageVersion: ts.ScriptTarget.ESNext,
      jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
    };
    this.tree = ts.createSourceFile(file, text, options, true);
  }

  start(node: TS.Node): number {
    return node.getStart(this.tree);
  }

  text(node: TS.Node): string {
    return node.getText(this.tree);
  }

  /** The call that ran at a place: it starts at its name, or at `new`, and ends where the place does. */
  callAt(site: Site): WrittenCall | null {
    const { ts } = this;
    const start = this.source.offset(site.line, site.column);
    const end = this.source.offset(site.endLine, site.endColumn);
    for (let node = this.#smallestAt(start); node; node = node.parent as TS.Node | undefined) {
      if (node.getEnd() > end) return null;
      if (node.getEnd() < end || (!ts.isCallExpression(node) && !ts.isNewExpression(node))) continue;
      const named = node.expression;
      const name = ts.isPropertyAccessExpression(named) ? named.name : named;
      if (!ts.isIdentifier(name)) return null;
      const isNew = ts.isNewExpression(node);
      if (this.start(isNew ? node : name) !== start) return null;
      const isMethod = !isNew && ts.isPropertyAccessExpression(named) && !this.#isLibrary(named.expression);
      return { node, name, receiver: isMethod ? named.expression : null, args: node.arguments ?? [] };
    }
    return null;
  }

  /** The statement on one line that is nothing but the call at a place, and is one of several that may be added to. */
  statementAt(site: Site): TS.ExpressionStatement | null {
    const { ts } = this;
    const start = this.source.offset(site.line, site.column);
    let node = this.#smallestAt(start);
    while (node && !ts.isExpressionStatement(node)) node = node.parent;
    if (!node || !ts.isCallExpression(node.expression)) return null;
    if (node.expression.getEnd() !== this.source.offset(site.endLine, site.endColumn)) return null;
    const isOneOfSeveral =
      ts.isBlock(node.parent) || ts.isSourceFile(node.parent) || ts.isCaseOrDefaultClause(node.parent);
    if (!isOneOfSeveral || this.source.lineOf(this.start(node)) !== site.endLine) return null;
    const line = this.source.line(site.endLine);
    const from = this.source.offset(site.endLine, 1);
    const isAlone =
      line.slice(0, this.start(node) - from).trim() === "" &&
      /^\s*(?:\/\/.*)?$/u.test(line.slice(node.getEnd() - from));
    return isAlone ? node : null;
  }

  /** What a function's functions are called on: `F`, `functional`, `nn.functional`. */
  #isLibrary(node: TS.Expression): boolean {
    const { ts } = this;
    if (ts.isIdentifier(node)) return node.text === "F" || node.text === "functional";
    return ts.isPropertyAccessExpression(node) && node.name.text === "functional";
  }

  #smallestAt(offset: number): TS.Node | undefined {
    let found: TS.Node | undefined;
    const visit = (node: TS.Node): void => {
      if (this.start(node) > offset || node.getEnd() <= offset) return;
      found = node;
      this.ts.forEachChild(node, visit);
    };
    visit(this.tree);
    return found;
  }
}
