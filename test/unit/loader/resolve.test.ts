import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { ModelFolder, runFiles } from "./model-run.ts";

/** What a program logs; it must not fail. */
async function logOf(files: Readonly<Record<string, string>>, argv: readonly string[] = []): Promise<string[]> {
  const { lines, failure, late, root } = await runFiles(files, { argv });
  assert.deepEqual([failure, late], [null, []]);
  return lines.map((line) => line.replaceAll(root, "ROOT"));
}

describe("a model file's imports", () => {
  it('find "backstep" with nothing installed, from any kind of module', async () => {
    assert.deepEqual(
      await logOf({
        "model.ts": `import { tensor, type Tensor } from "backstep"; import * as B from "backstep";
          import "./c.cjs"; import "./d.cts"; import "./e.mts"; import "./f.js";
          const x: Tensor = tensor(1);
          log(x instanceof B.Tensor, (await import("backstep")).tensor === tensor);`,
        "c.cjs": `const { tensor } = require("backstep"); log("cjs", typeof tensor(1).relu);`,
        "d.cts": `import { tensor } from "backstep"; import b = require("backstep"); log("cts", tensor === b.tensor);`,
        "e.mts": `import { tensor } from "backstep"; log("mts", typeof tensor);`,
        "f.js": `import { tensor } from "backstep"; log("js", typeof tensor);`,
      }),
      ["cjs function", "cts true", "mts function", "js function", "true true"],
    );
  });

  it("are relative: with an extension, without, by the name of what TypeScript compiles to, of a folder", async () => {
    assert.deepEqual(
      await logOf({
        "model.ts": `import { a } from "./a"; import { b } from "./b.ts"; import { c } from "./c.js"; import { d } from "./deep/d";
          import { i } from "./folder"; import { m } from "./with-main/"; import { j } from "./j.mjs"; import k from "./k";
          import { s } from "./a b"; log(a, b, c, d, i, m, j, k, s);`,
        "a.ts": `export const a = "a";`,
        "b.ts": `export const b = "b";`,
        "c.ts": `export const c: string = "c.ts";`,
        "c.js": `export const c = "c.js, which is stale";`,
        "deep/d.ts": `import { up } from ".."; export const d = "d" + up;`,
        "index.ts": `export const up = "-up";`,
        "folder/index.ts": `export const i = "index";`,
        "with-main/package.json": `{ "main": "lib/m" }`,
        "with-main/lib/m.ts": `export const m = "main";`,
        "j.mjs": `export const j = "mjs";`,
        "k.mts": `export default "k";`,
        "a b.ts": `export const s = "space";`,
      }),
      ["a b c.ts d-up index main mjs k space"],
    );
  });

  it("are JSON, with an attribute or without", async () => {
    assert.deepEqual(
      await logOf({
        "model.ts": `import a from "./config.json"; import b from "./with.ts";
          import { lr } from "./config.json"; import * as all from "./config"; import { createRequire } from "node:module";
          log(a.lr, b.lr, lr, all.default.lr, all["odd key"], createRequire(import.meta.url)("./config.json").lr);`,
        "with.ts": `import b from "./config.json" with { type: "json" }; export default b;`,
        "config.json": `\uFEFF{ "lr": 0.1, "odd key": 2 }`,
      }),
      ["0.1 0.1 0.1 0.1 2 0.1"],
    );
  });

  it("are npm packages, which are left as they are", async () => {
    assert.deepEqual(
      await logOf({
        "model.ts": `import a, { name } from "a"; import { b } from "b"; import { t } from "typed"; import { tensor } from "backstep";
          const here = globalThis.here; log(name, a.f.toString(), b.toString(), t(), "fs" in (await import("node:process")));`,
        "node_modules/a/package.json": `{ "main": "main.js" }`,
        "node_modules/a/main.js": `exports.name = "a"; exports.f = function () { return g(1); };`,
        "node_modules/b/package.json": `{ "type": "module", "exports": { ".": { "import": "./b.js" } } }`,
        "node_modules/b/b.js": `export const b = () => g(1);`,
        "node_modules/typed/package.json": `{ "type": "module", "exports": "./t.ts" }`,
        "node_modules/typed/t.ts": `export const t = (): string => String(t2.toString()); const t2 = (x: number): number => h(x); declare const h: any;`,
      }),
      ["a function () { return g(1); } () => g(1) (x) => h(x) false"],
    );
  });

  it("follow paths, baseUrl and extends of the nearest tsconfig.json", async () => {
    assert.deepEqual(
      await logOf({
        "app/model.ts": `import { a } from "@lib/a"; import { exact } from "exact"; import { r } from "root-relative"; log(a, exact, r);`,
        "app/tsconfig.json": `{ // comments and a trailing comma
            "extends": "../base.json", "compilerOptions": { "baseUrl": ".", /* "x//y" */ }, }`,
        "base.json": `{ "compilerOptions": { "paths": { "@lib/*": ["./missing/*", "./lib/*"], "exact": ["lib/a.ts"] } } }`,
        "lib/a.ts": `export const a = "a", exact = "exact";`,
        "app/root-relative.ts": `export const r = "r";`,
      }),
      ["a exact r"],
    );
  });

  it("may go in circles, wait at the top level and come later", async () => {
    assert.deepEqual(
      await logOf({
        "model.ts": `import { even } from "./even.ts"; log(even(10)); const late = await import("./late"); log(late.value, late.default());`,
        "even.ts": `import { odd } from "./odd.ts"; export function even(n: number): boolean { return n === 0 || odd(n - 1); }`,
        "odd.ts": `import { even } from "./even.ts"; export function odd(n: number): boolean { return n !== 0 && even(n - 1); }`,
        "late.ts": `export const value = await Promise.resolve(3); export default () => "default";`,
      }),
      ["true", "3 default"],
    );
  });

  it("lie beside the file that a link leads to", async () => {
    const folder = await ModelFolder.create({
      "real/model.ts": `import { a } from "./a"; log(a, import.meta.filename.endsWith("link.ts"));`,
      "real/a.ts": `export const a = "a";`,
    });
    try {
      await symlink(folder.path("real/model.ts"), folder.path("link.ts"));
      const { lines, failure } = await folder.run("link.ts");
      assert.equal(failure, null);
      assert.deepEqual(lines, ["a true"]);
    } finally {
      await folder.remove();
    }
  });
});

describe("a model file's format", () => {
  const formats: readonly (readonly [name: string, files: Readonly<Record<string, string>>, logged: string])[] = [
    [
      "is CommonJS where it requires",
      { "model.js": `const fs = require("fs"); log(typeof fs.statSync, typeof module, this === exports);` },
      "function object true",
    ],
    [
      "is ES where it imports, whatever the package says",
      { "model.js": `import fs from "fs"; log(typeof fs.statSync, this);`, "package.json": `{ "type": "commonjs" }` },
      "function undefined",
    ],
    [
      "is ES where it waits at the top",
      { "model.js": `const { statSync } = await import("fs"); log(typeof statSync);` },
      "function",
    ],
    [
      "is what the package says where nothing else does",
      { "model.js": `log(this);`, "package.json": `{ "type": "module" }` },
      "undefined",
    ],
    ["is sloppy CommonJS where nothing says anything", { "model.js": `undeclared = 1; log(undeclared);` }, "1"],
    [
      "is CommonJS with `import =` and `export =`",
      { "model.ts": `import fs = require("fs"); log(typeof fs.statSync, typeof module); export = 1;` },
      "function object",
    ],
    [
      "has `import =` in an ES module too",
      { "model.mts": `import path = require("path"); import fs from "fs"; log(typeof path.join, typeof fs.statSync);` },
      "function function",
    ],
    [
      "is CommonJS by extension",
      {
        "model.cts": `import { statSync } from "fs"; import type { X } from "./x"; export const a = typeof statSync; log(exports.a, __filename.endsWith("model.cts"), typeof __dirname);`,
      },
      "function true string",
    ],
  ];
  for (const [name, files, logged] of formats) {
    it(name, async () => assert.deepEqual(await logOf(files), [logged]));
  }

  it("gives CommonJS by its names to ES modules", async () => {
    assert.deepEqual(
      await logOf({
        "model.ts": `import { a, b, c } from "./lib.cjs"; import lib from "./lib.cjs"; import { d } from "./typed.cts"; log(a, b(), c, lib.a, d);`,
        "lib.cjs": `Object.defineProperty(exports, "__esModule", { value: true }); exports.a = String(1); exports.b = function () { return String(2); }; exports.c = 3;`,
        "typed.cts": `export const d: number = Number(4);`,
      }),
      ["1 2 3 1 4"],
    );
  });
});

describe("a model file knows", () => {
  it("where it is, its arguments, and that it is the main module", async () => {
    assert.deepEqual(
      await logOf(
        {
          "model.ts": `import { fileURLToPath } from "node:url"; import { other } from "./other.cjs";
            log(process.argv.slice(1).join(), import.meta.filename, import.meta.dirname, fileURLToPath(import.meta.url) === process.argv[1], import.meta.main, other);`,
          "other.cjs": `exports.other = require.main === module;`,
        },
        ["--epochs", "3"],
      ),
      ["ROOT/model.ts,--epochs,3 ROOT/model.ts ROOT true true false"],
    );
    assert.deepEqual(await logOf({ "model.js": `if (require.main === module) log("main", __dirname);` }), [
      "main ROOT",
    ]);
  });
});
