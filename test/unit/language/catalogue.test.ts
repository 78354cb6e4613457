import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { USAGE } from "../../../engine/command-line/usage.ts";
import { EXCEPTION_FILTERS } from "../../../engine/protocol/breakpoints.ts";
import { Phrasebook } from "../../../engine/language/phrasebook.ts";
import { COMMAND_LINE } from "../../../engine/language/zh-cn/command-line.ts";
import { ENGINE } from "../../../engine/language/zh-cn/engine.ts";
import { LESSONS } from "../../../engine/language/zh-cn/lessons.ts";
import { PANEL } from "../../../engine/language/zh-cn/panel.ts";
import { SHARED } from "../../../engine/language/zh-cn/shared.ts";
import { USAGE_IN_CHINESE } from "../../../engine/language/zh-cn/usage.ts";
import { speak, t } from "../../../engine/language/translate.ts";
import { lessonOf } from "../../../webview/lesson/lesson-source.ts";
import { phrasesOf, sentencesOf } from "./sentences.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const json = (file: string): Record<string, string> => JSON.parse(read(file)) as Record<string, string>;

/** What the extension says, and the client of the engine in its process. */
const EXTENSION_AREAS = ["extension/**/*.ts", "engine/client/*.ts"];
/** What the command line says in its own process. Its tools for assistants are read by programs. */
const COMMAND_LINE_AREAS = ["engine/command-line/*.ts", "engine/client/*.ts", "engine/recording/compare/*.ts"];
/** What the engine says where a person looks on. */
const ENGINE_AREAS = [
  "engine/training/{findings/*,fixes/*,bare-layers,cuts,wording}.ts",
  "engine/recording/ranks/rank-{book,findings}.ts",
  "engine/{check,reading,autograd,context,core,api,ops,session,recorders}/**/*.ts",
];
/** What the panel says, and what it shares with the editor. */
const PANEL_AREAS = [
  "webview/**/*.{ts,tsx}",
  "engine/recording/cursor-text.ts",
  "engine/recording/compare/difference-text.ts",
];
/** Texts for machines, of pages and of style: of these files only what is handed to the catalogue is looked at. */
const NOT_SPOKEN = [
  "webview/export/report-html.ts",
  "webview/export/page-script.ts",
  "webview/export/drawing-png.ts",
  "webview/ui/theme-colors.ts",
  "engine/client/known-pythons.ts",
  "extension/panel/panel-html.ts",
  "extension/panel/source-lights.ts",
  "extension/editor/hover-picture.ts",
];
/** What only looks like a sentence: globs, pictures, links to commands, code, and what Python and V8 say themselves. */
const NO_WORDS = new RegExp(
  `^(${[
    ...[
      "\\*\\*/",
      "<svg",
      "data:image",
      "command:",
      "\\[\\{0\\}\\]\\(command:",
      "backstep findings$",
      "backward of $",
      "new \\{0\\}",
    ],
    ...[
      "static surrogate = ",
      "npm install",
      "slice\\(None",
      "exp expm1",
      "zeroGrad nllLoss",
      "ModuleNotFound",
      "new Date",
    ],
    ...[
      "elements\\(this",
      "function \\(start",
      "unreachable:",
      "\\[object",
      "Maximum call stack",
      "node:internal",
      "[^]*sourceMappingURL",
    ],
    ...['"use strict"', "value as default", "const value", ", requiresGrad: ", "x \\\\text"],
  ].join("|")})`,
  "u",
);

/** What the editor or a person reads of the manifest, by the name of its property. */
const READ = ["markdown", "title", "description", "markdownDescription", "displayName", "label", "enumDescriptions"];
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
      assert.match(text.endsWith(".md") ? read(text) : text, /\p{Script=Han}/u, key);
      // Commands behind links are the same.
      assert.deepEqual(text.match(/\(command:[^)]*\)/gu), english[key]!.match(/\(command:[^)]*\)/gu), key);
    }
  });
});

describe("the README in two languages", () => {
  it("has every command, section and link in Chinese too", () => {
    const [english, chinese] = [read("README.md"), read("README.zh-cn.md")];
    const parts = (text: string): readonly string[] =>
      [
        ...text.matchAll(/node dist\/cli\.js [^#\n`]*|npm (?:start|test|run \w+)|`--[\w-]+|\]\([\w./-]+\)|^```\w+$/gmu),
      ].map(([part]) => part.trim());
    const theirs = new Set(parts(chinese));
    assert.deepEqual(
      [...new Set(parts(english))].filter((part) => !theirs.has(part) && !part.includes("zh-cn")),
      [],
    );
    const sections = (text: string): number => text.match(/^## /gmu)?.length ?? 0;
    assert.equal(sections(chinese), sections(english));
  });
});

describe("what the extension and the panel say", () => {
  const bundle = json("l10n/bundle.l10n.zh-cn.json");
  const panel = { ...SHARED, ...PANEL };

  for (const [areas, catalogue, showsErrors] of [
    [EXTENSION_AREAS, { ...SHARED, ...bundle }, true],
    [COMMAND_LINE_AREAS, { ...SHARED, ...COMMAND_LINE, [USAGE]: USAGE_IN_CHINESE }, true],
    [PANEL_AREAS, panel, false],
  ] as const) {
    for (const area of areas) {
      it(`${area}: every sentence is in the catalogue`, () => {
        const files = globSync(area, { cwd: root });
        assert.ok(files.length > 0, "no such file");
        const missing = files.flatMap((file) => {
          const { keys, untranslated } = sentencesOf(path.join(root, file), showsErrors);
          // What is in the catalogue without being handed to it here is a constant, translated where it is shown.
          return [...keys, ...(NOT_SPOKEN.includes(file) ? [] : untranslated)]
            .filter((text) => !(text in catalogue) && !NO_WORDS.test(text))
            .map((text) => `${file}: ${text}`);
        });
        assert.deepEqual(missing, []);
      });
    }
  }

  const phrases = new Phrasebook({ ...SHARED, ...ENGINE });
  for (const area of ENGINE_AREAS) {
    it(`${area}: every sentence is in the catalogue`, () => {
      const missing = globSync(area, { cwd: root }).flatMap((file) =>
        phrasesOf(path.join(root, file)).filter((phrase) => phrases.say(phrase) === phrase && !NO_WORDS.test(phrase)),
      );
      assert.deepEqual(missing, []);
    });
  }

  it("says of ranks how many, which, and what each of them did", () => {
    assert.equal(
      phrases.say(
        "SGD makes its step 4 with another learning rate on rank 1: 0.1 on rank 0, 0.2 on rank 1. From here on the ranks train different models.",
      ),
      "SGD 的第 4 步在 rank 1 上使用了不同的学习率：rank 0 为 0.1，rank 1 为 0.2。从这里起，各 rank 训练的是不同的模型。",
    );
    const waiting = phrases.say(
      "Ranks 1 and 3 wait in all_reduce for rank 0, which has ended without that call. Every rank of a group must make the same collective calls.",
    );
    assert.match(waiting, /^rank 1 和 3 在 all_reduce 中等待 rank 0，/u);
  });

  it("has the lessons' titles, questions and answers, as their files say them", () => {
    const said = globSync("examples/lessons/*.ts", { cwd: root }).flatMap((file) => {
      const { title, questions } = lessonOf(read(file))!;
      return [title, ...questions.flatMap(({ text, answer }) => [text, answer])];
    });
    assert.deepEqual(said.sort(), Object.keys(LESSONS).sort());
  });

  it("has the words of the filters, which the picker takes from the protocol", () => {
    for (const { label, description } of EXCEPTION_FILTERS) assert.ok(label in bundle && description in bundle, label);
  });

  it("keeps the places of its arguments in Chinese", () => {
    for (const catalogue of [bundle, panel, COMMAND_LINE, ENGINE]) {
      for (const [sentence, text] of Object.entries(catalogue)) {
        assert.notEqual(text, sentence);
        // A word of number or of verb may have no counterpart; a value of its own has.
        assert.ok(
          placesOf(text).every((place) => placesOf(sentence).includes(place)),
          sentence,
        );
        if (catalogue !== ENGINE) assert.deepEqual(placesOf(text), placesOf(sentence), sentence);
      }
    }
  });
});

describe("a sentence in the language that is spoken", () => {
  after(() => speak());

  it("has its values in the order of that language, whether it is written as a call or as a template", () => {
    const catalogue = { "{0} of {1}": "共 {1} 个中的 {0} 个" };
    assert.equal(t`${2} of ${3}`, "2 of 3");
    speak(catalogue);
    assert.equal(t`${2} of ${3}`, "共 3 个中的 2 个");
    assert.equal(t("{0} of {1}", 2, 3), "共 3 个中的 2 个");
    assert.equal(t("unknown"), "unknown");
  });
});

function placesOf(text: string): string[] {
  return [...(text.match(/\{\d\}/gu) ?? [])].sort();
}
