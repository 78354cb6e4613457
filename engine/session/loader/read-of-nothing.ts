import type TS from "typescript";
import { adviceInNamespace, namespaceAt } from "../../api/missing-names.ts";
import type { Site } from "../../protocol/site.ts";
import { skipOuter } from "./skip-outer.ts";

/** What V8 could not go on with, in the words of the program. */
export interface ReadOfNothing {
  /** The expression that is undefined or null: `torch.fft`. */
  readonly what: string;
  /** The names that it is made of, where it is nothing but names. */
  readonly path: readonly string[];
  readonly name: string;
  readonly value: "undefined" | "null";
}

const READ = /^Cannot (?:read|set) properties of (?<value>undefined|null) \((?:reading|setting) '(?<name>.+)'\)/u;

/**
 * V8 says "Cannot read properties of undefined (reading 'shape')" and not of what: that stands in the source.
 * Null for another error, or where the place is not to be found.
 */
export function readOfNothing(ts: typeof TS, message: string, source: string, site: Site): ReadOfNothing | null {
  const found = READ.exec(message)?.groups;
  if (found === undefined) return null;
  const file = ts.createSourceFile(site.file, source, ts.ScriptTarget.ESNext, true);
  const { line, column } = site;
  const reads: TS.PropertyAccessExpression[] = [];
  const visit = (node: TS.Node): void => {
    if (ts.isPropertyAccessExpression(node) && node.name.text === found["name"]) {
      const start = file.getLineAndCharacterOfPosition(node.name.getStart(file));
      if (start.line + 1 === line) reads.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  const at = (node: TS.PropertyAccessExpression): number =>
    file.getLineAndCharacterOfPosition(node.name.getStart(file)).character + 1;
  const read = reads.find((node) => at(node) === column) ?? (reads.length === 1 ? reads[0] : undefined);
  if (read === undefined) return null;
  const value = found["value"] as ReadOfNothing["value"];
  return { what: read.expression.getText(file), path: pathOf(ts, read.expression), name: found["name"]!, value };
}

function pathOf(ts: typeof TS, expression: TS.Expression): string[] {
  const node = skipOuter(ts, expression);
  if (ts.isIdentifier(node)) return [node.text];
  if (node.kind === ts.SyntaxKind.ThisKeyword) return ["this"];
  if (!ts.isPropertyAccessExpression(node)) return [];
  const owner = pathOf(ts, node.expression);
  return owner.length === 0 ? [] : [...owner, node.name.text];
}

/** What to do about it, where that is known. */
export function adviceForNothing({ what, path, value, name }: ReadOfNothing, engine: object): string {
  const last = path.at(-1);
  const owner = path.length < 2 ? null : namespaceAt(path.slice(0, -1), engine);
  const advice = owner === null || last === undefined ? null : adviceInNamespace(owner, last, engine);
  if (advice !== null) return `there is no ${path.join(".")}: ${advice}`;
  if (last === "grad") return `${what} is ${value}: no gradient has reached it; is it a leaf, and has backward() run?`;
  return `${what} is ${value}, so that it has no ${name}`;
}
