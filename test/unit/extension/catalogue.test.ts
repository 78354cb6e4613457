import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { EXCEPTION_FILTERS } from "../../../engine/protocol/breakpoints.ts";
import { CHINESE } from "../../../webview/text/zh-cn.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const json = (file: string): Record<string, string> => JSON.parse(read(file)) as Record<string, string>;

/** Areas whose every sentence is in the catalogues. An area is added here when it is done, and never taken away. */
const EXTENSION_AREAS = [
  "extension/stop-when.ts",
  "extension/lessons.ts",
  "extension/check-modes.ts",
  "extension/trust.ts",
  "extension/workspace-types.ts",
];
const PANEL_AREAS = ["webview/lesson/*.tsx", "webview/what-if/*.tsx"];

/** What the editor or a person reads of the manifest, by the name of its property. */
const READ = ["title", "description", "markdownDescription", "displayName", "label", "enumDescriptions"];
/** The product's name is the same in every language. */
const NAMES = ["Backstep"];

describe("the manifest in two languages", () => {
  const english = json("package.nls.json");
  const chinese = json("package.nls.zh-cn.json");

  it("has no sentence of its own, and names no key that is not there", () => {
    const used = new Set<string>();
    const look = (value: unknown, at: string): void => {
      if (Array.isArray(value)) value.forEach((entry) => look(entry, at));
      else if (typeof value === "object" && value !== null)
        for (const [name, entry] of Object.entries(value)) look(entry, name);
      else if (typeof value === "string" && READ.includes(at) && !NAMES.includes(value)) {
        const [, key] = /^%(.+)%$/u.exec(value) ?? [];
        assert.ok(key !== undefined && key in english, `${at}: ${value} is not in package.nls.json`);
        used.add(key);
      }
    };
    const { contributes, capabilities, displayName, description } = JSON.parse(read("package.json")) as Record<
      string,
      unknown
    >;
    look({ contributes, capabilities, displayName, description }, "");
    assert.deepEqual([...used].sort(), Object.keys(english).sort());
  });

  it("says everything in Chinese too", () => {
    assert.deepEqual(Object.keys(chinese).sort(), Object.keys(english).sort());
    for (const [key, text] of Object.entries(chinese)) {
      assert.match(text, /\p{Script=Han}/u, key);
      // Commands behind links are the same.
      assert.deepEqual(text.match(/\(command:[^)]*\)/gu), english[key]!.match(/\(command:[^)]*\)/gu), key);
    }
  });
});

describe("what the extension and the panel say", () => {
  const bundle = json("l10n/bundle.l10n.zh-cn.json");

  for (const [areas, catalogue, translate] of [
    [EXTENSION_AREAS, bundle, "vscode.l10n.t"],
    [PANEL_AREAS, CHINESE, "t"],
  ] as const) {
    for (const area of areas) {
      it(`${area}: every sentence is in the catalogue`, () => {
        const files = globSync(area, { cwd: root });
        assert.ok(files.length > 0, "no such file");
        for (const file of files) {
          const missing = sentencesOf(file, translate).filter((sentence) => !(sentence in catalogue));
          assert.deepEqual(missing, [], file);
        }
      });
    }
  }

  it("has the words of the filters, which the picker takes from the protocol", () => {
    for (const { label, description } of EXCEPTION_FILTERS) assert.ok(label in bundle && description in bundle, label);
  });

  it("keeps the places of its arguments in Chinese", () => {
    for (const catalogue of [bundle, CHINESE]) {
      for (const [sentence, text] of Object.entries(catalogue)) {
        assert.match(text, /\p{Script=Han}/u, sentence);
        assert.deepEqual(placesOf(text), placesOf(sentence), sentence);
      }
    }
  });
});

function placesOf(text: string): string[] {
  return [...(text.match(/\{\d\}/gu) ?? [])].sort();
}

/** The names of properties and attributes that hold no words. */
const SILENT = ["class", "role", "type", "kind", "className", "id", "key"];

/**
 * Texts of a source file that a person reads: of two words or more, or handed to the catalogue's function. A template outside of
 * the catalogue is a sentence too, which no catalogue can hold.
 */
function sentencesOf(file: string, translate: string): string[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isJsxAttribute(node) && SILENT.includes(node.name.getText())) return;
    if (ts.isPropertyAssignment(node) && SILENT.includes(node.name.getText())) return;
    const text = ts.isJsxText(node) ? node.text.trim() : ts.isStringLiteralLike(node) ? node.text : null;
    const isTranslated =
      ts.isCallExpression(node.parent) &&
      node.parent.expression.getText() === translate &&
      node.parent.arguments[0] === node;
    if (text !== null && (isTranslated || isSentence(text))) found.push(text);
    else if (ts.isTemplateExpression(node) && isSentence(node.getText())) found.push(node.getText());
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return found;
}

function isSentence(text: string): boolean {
  return /\p{L}{2,}[ ,:;] ?\p{L}{2,}/u.test(text.replace(/\$\{[^}]*\}/gu, ""));
}
