import { readFileSync } from "node:fs";
import ts from "typescript";

/** What of a source file is handed to the catalogue, by its key, and what a person reads that is not. */
export interface Sentences {
  readonly keys: readonly string[];
  readonly untranslated: readonly string[];
}

/** Properties and attributes that hold no words. */
const SILENT = [
  "class",
  "role",
  "type",
  "kind",
  "className",
  "id",
  "key",
  "icon",
  "transform",
  "style",
  "d",
  "keys",
  "font",
];
/** Attributes that hold words, be there only one. */
const SPOKEN = ["text", "title", "aria-label", "label", "placeholder", "name", "alt"];
/** Calls whose arguments are read by machines. */
const SILENT_CALLS =
  /(querySelector(All)?|matches|closest|getPropertyValue|setAttribute|matchMedia|create(Element|Range))$/u;

/** @param showsErrors whether people read what is thrown, as a command's errors; in the panel an error is a fault of ours */
export function sentencesOf(file: string, showsErrors: boolean): Sentences {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const keys: string[] = [];
  const untranslated: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if ((ts.isJsxAttribute(node) || ts.isPropertyAssignment(node)) && SILENT.includes(node.name.getText())) return;
    if (!showsErrors && ts.isNewExpression(node) && node.expression.getText().endsWith("Error")) return;
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) return;
    if (ts.isCallExpression(node) && SILENT_CALLS.test(node.expression.getText())) return;
    const known = keysOf(node);
    if (known) {
      keys.push(...known);
      for (const value of valuesOf(node)) visit(value);
      return;
    }
    const text = textOf(node);
    if (text !== null && isRead(node, text)) untranslated.push(text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { keys, untranslated };
}

/** The keys of a call of the catalogue's function; null of all else. A noun that is counted has two. */
function keysOf(node: ts.Node): string[] | null {
  if (ts.isTaggedTemplateExpression(node)) return node.tag.getText() === "t" ? [keyOf(node.template)] : null;
  if (!ts.isCallExpression(node)) return null;
  const [first, second] = node.arguments;
  const called = node.expression.getText();
  if (called === "t" && first && ts.isStringLiteralLike(first)) return [first.text];
  if (called === "count" && second && ts.isStringLiteralLike(second)) {
    return [`{0} ${second.text}`, `{0} ${second.text}s`];
  }
  return null;
}

/** What is put into a sentence, where further sentences may be. */
function valuesOf(node: ts.Node): readonly ts.Node[] {
  if (ts.isCallExpression(node)) return node.arguments.filter((argument) => !ts.isStringLiteralLike(argument));
  if (!ts.isTaggedTemplateExpression(node) || ts.isNoSubstitutionTemplateLiteral(node.template)) return [];
  return node.template.templateSpans.map(({ expression }) => expression);
}

/** A template with the places of its values numbered: "{0} of {1}". */
export function keyOf(template: ts.TemplateLiteral): string {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return template.text;
  return template.head.text + template.templateSpans.map(({ literal }, i) => `{${i}}${literal.text}`).join("");
}

function textOf(node: ts.Node): string | null {
  if (ts.isJsxText(node)) return node.text.trim();
  if (ts.isStringLiteralLike(node) && !ts.isTaggedTemplateExpression(node.parent)) return node.text;
  if (ts.isTemplateExpression(node) && !ts.isTaggedTemplateExpression(node.parent)) return keyOf(node);
  return null;
}

function isRead(node: ts.Node, text: string): boolean {
  const words = text.replace(/\{\d+\}/gu, "·");
  if (ts.isJsxText(node))
    return /(?<![.\p{L}])\p{L}{2,}/u.test(words) && !/^([A-Z]\w*|\.grad.*|backward\(\))$/u.test(words);
  const isSpoken = ts.isJsxAttribute(node.parent) && SPOKEN.includes(node.parent.name.getText());
  if (isSpoken && node.parent.parent.parent.getText().startsWith("<Icon ")) return false;
  return (isSpoken && /(?<![.\p{L}])\p{L}{2,}/u.test(words)) || /\p{L}{2,}[ ,:;] ?\p{L}{2,}/u.test(words);
}

/** Properties of records that hold names, formulas or words for documentation, and of the requests of other processes. */
const UNSAID = [
  "name",
  "kind",
  "looksAt",
  "threshold",
  "source",
  "formula",
  "forward",
  "backward",
  "why",
  "title",
  "rule",
  "kinks",
];

/**
 * Sentences that the engine makes, with the places of their values numbered. Each is one text of the source, also where it is joined
 * of several with a plus. What a rule of findings says in its `why` and `fix` stands in documentation alone.
 */
export function phrasesOf(file: string): readonly string[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isPropertyAssignment(node) && UNSAID.includes(node.name.getText())) return;
    if (ts.isTaggedTemplateExpression(node) || isDocumentation(node)) return;
    const parts = partsOf(node);
    if (parts === null) return ts.forEachChild(node, visit);
    let places = 0;
    const phrase = parts.map((part) => (typeof part === "string" ? part : `{${places++}}`)).join("");
    if (/\p{L}{2,}[ ,:;] ?\p{L}{2,}/u.test(phrase.replace(/\{\d+\}/gu, "·"))) found.add(phrase);
    for (const part of parts) if (typeof part !== "string") visit(part);
  };
  visit(source);
  return [...found];
}

function isDocumentation(node: ts.Node): boolean {
  return (
    ts.isPropertyAssignment(node) &&
    node.name.getText() === "fix" &&
    ts.isStringLiteralLike(node.initializer) &&
    node.parent.getText().includes("looksAt:")
  );
}

/** A text in its literal parts and what is put between them; null of what is no text. */
function partsOf(node: ts.Node): readonly (string | ts.Node)[] | null {
  if (ts.isParenthesizedExpression(node)) return partsOf(node.expression);
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.flatMap(({ expression, literal }) => [expression, literal.text])];
  }
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return null;
  const [left, right] = [partsOf(node.left), partsOf(node.right)];
  return left === null && right === null ? null : [...(left ?? [node.left]), ...(right ?? [node.right])];
}
