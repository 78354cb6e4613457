import assert from "node:assert/strict";
import path from "node:path";
import type { Failure } from "../../../engine/protocol/failure.ts";
import { ModelFolder, runFiles } from "./model-run.ts";

type Files = Readonly<Record<string, string>>;

/** A failure as one line: kind, file:line:column, message; what to do. */
function oneLine({ kind, message, site, fix }: Failure, root: string): string {
  const place = site === null ? "nowhere" : `${path.relative(root, site.file)}:${site.line}:${site.column}`;
  return `${kind} ${place} ${message}${fix === undefined ? "" : `; ${fix}`}`.replaceAll(root, "ROOT");
}

async function failureOf(files: Files): Promise<Failure & { readonly line: string; readonly root: string }> {
  const { failure, root } = await runFiles(files);
  assert.ok(failure !== null, "it did not fail");
  return { ...failure, line: oneLine(failure, root), root };
}

async function lateFailuresOf(files: Files): Promise<string[]> {
  const { failure, late, root } = await runFiles(files);
  assert.equal(failure, null);
  return late.map((one) => oneLine(one, root));
}

const cases: readonly (readonly [name: string, files: Files, line: string])[] = [
  [
    "a syntax error",
    { "model.ts": `const é = 1; const x = (;\nlet y = ;` },
    "syntax model.ts:1:25 Expression expected",
  ],
  [
    "a syntax error of an imported file",
    { "model.ts": `import "./lib";`, "lib.js": `\n  let x: number = 1;` },
    "syntax lib.js:2:10 Type annotations can only be used in TypeScript files",
  ],
  ["a bracket that is not closed", { "model.ts": `function f() {\n  f(1;\n}` }, "syntax model.ts:2:6 ')' expected"],
  [
    "a name declared twice",
    { "model.ts": `import "backstep";\nlet a = 1;\n  let a = 2;` },
    "syntax model.ts:3:7 Cannot redeclare block-scoped variable 'a'",
  ],
  [
    "an await where none may be",
    { "model.ts": `import "backstep";\nfunction f() { await 1; }` },
    "syntax model.ts:2:16 'await' expressions are only allowed within async functions and at the top levels of modules",
  ],
  [
    "a break out of nothing",
    { "model.ts": `export {};\nif (true) break;` },
    "syntax model.ts:2:11 A 'break' statement can only be used within an enclosing iteration or switch statement",
  ],
  [
    "a syntax error in CommonJS",
    { "model.cjs": `let a;\nlet a;` },
    "syntax model.cjs:2:5 Cannot redeclare block-scoped variable 'a'",
  ],
  [
    "JSON that is none",
    { "model.ts": `import c from "./c.json"; log(c);`, "c.json": `{\n  "a": 1,\n  b: 2 }` },
    "syntax c.json:3:3 Expected double-quoted property name in JSON",
  ],
  [
    "a missing file",
    { "model.ts": `import { a } from "./nett";\na();`, "net.ts": "" },
    "import model.ts:1:19 cannot find ./nett; did you mean ./net?",
  ],
  [
    "a missing file with its extension",
    { "model.ts": `export * from "./lib/netx.ts";`, "lib/net.ts": "" },
    "import model.ts:1:15 cannot find ./lib/netx.ts; did you mean ./lib/net.ts?",
  ],
  [
    "a file without ./",
    { "model.ts": `import "lib/net";`, "lib/net.ts": "" },
    'import model.ts:1:8 cannot find "lib/net"; did you mean ./lib/net?',
  ],
  [
    "a package that is not installed",
    { "model.ts": `const é = await import("left-padd/x");` },
    'import model.ts:1:24 cannot find "left-padd/x"; install it: npm install left-padd',
  ],
  [
    "a package that is misspelt",
    { "model.ts": `import "bakcstep";` },
    'import model.ts:1:8 cannot find "bakcstep"; did you mean "backstep"?',
  ],
  [
    "a missing file of an imported file",
    { "model.ts": `import "./a";`, "a.ts": `\n import "./b.js";` },
    "import a.ts:2:9 cannot find ./b.js",
  ],
  [
    "a file that is required and missing",
    { "model.cjs": `const x = 1,\n  y = require("./missing");` },
    "import model.cjs:2:15 cannot find ./missing",
  ],
  [
    "a subpath that a package does not export",
    { "model.ts": `import "p/x";`, "node_modules/p/package.json": `{ "exports": { ".": "./i.js" } }` },
    "import model.ts:1:8 Package subpath './x' is not defined by \"exports\" in ROOT/node_modules/p/package.json",
  ],
  [
    "a name that backstep does not have",
    { "model.ts": `import { Tensor, tenser } from "backstep";\ntenser(Tensor);` },
    'import model.ts:1:18 "backstep" does not export tenser; did you mean tensor?',
  ],
  [
    "all of the engine by a name",
    { "model.ts": `import { torch } from "backstep";\ntorch;` },
    'import model.ts:1:10 "backstep" does not export torch; write import * as torch from "backstep", or name what you need in { … }',
  ],
  [
    "a class that extends JavaScript's own Function",
    {
      "model.ts": `export {};\nclass Twice extends Function {\n  static forward() {}\n}\nTwice.apply(1);`,
    },
    "exception model.ts:5:7 TypeError: Class constructor Twice cannot be invoked without 'new'; Function is JavaScript's own: write class Twice extends autograd.Function",
  ],
  [
    "a name that a file does not have",
    {
      "model.ts": `import { loss, mdoel as m } from "./lib";\nm(loss);`,
      "lib.ts": `export const model = 1, loss = 2;`,
    },
    "import model.ts:1:16 ./lib does not export mdoel; did you mean model?",
  ],
  [
    "a default export that there is none",
    { "model.ts": `import lib from "./lib";\nlib();`, "lib.ts": `export function model() {}` },
    "import model.ts:1:8 ./lib has no default export; import a name that it has: import { model } from …",
  ],
  [
    "a re-export of what there is not",
    { "model.ts": `import "./mid";`, "mid.ts": `export { a as b } from "./lib";`, "lib.ts": `export const c = 1;` },
    "import mid.ts:1:10 ./lib does not export a; did you mean c?",
  ],
  [
    "an exception",
    { "model.ts": `function f(x: number) { if (x) throw new TypeError("bad"); }\n const é = "ü"; f(0); f(1);` },
    "exception model.ts:1:38 TypeError: bad",
  ],
  [
    "a mistake",
    { "model.ts": `const x: any = undefined;\nlog(1, x.foo);` },
    "exception model.ts:2:10 TypeError: Cannot read properties of undefined (reading 'foo'); x is undefined, so that it has no foo",
  ],
  [
    "an operator that refuses",
    { "model.ts": `const x: any = 1n;\nlog(1, x   * 2);` },
    "exception model.ts:2:12 TypeError: Cannot mix BigInt and other types, use explicit conversions",
  ],
  [
    "an exception of an imported file",
    {
      "model.ts": `import { f } from "./lib";\nf();`,
      "lib.ts": `interface A {}\nexport const f = () => { throw new RangeError(); };`,
    },
    "exception lib.ts:2:32 RangeError",
  ],
  [
    "an exception in a package",
    {
      "model.ts": `import { f } from "p";\nlog(f(1));`,
      "node_modules/p/index.js": `exports.f = () => { throw new Error("deep"); }`,
    },
    "exception model.ts:2:5 Error: deep",
  ],
  [
    "an exception in Node",
    { "model.ts": `import fs from "node:fs";\nfs.readFileSync("./nothing-there");` },
    "exception model.ts:2:4 Error: ENOENT: no such file or directory, open './nothing-there'",
  ],
  [
    "an error class of the user's own",
    { "model.ts": `class ShapeError extends Error {}\nthrow new ShapeError("x");` },
    "exception model.ts:2:7 ShapeError: x",
  ],
  [
    "an error of the engine",
    {
      "model.ts": `import { tensor } from "backstep";\nconst x = tensor(1), w = tensor(2);\nconst y = x.relu().matmul(\n  w);`,
    },
    "shape model.ts:3:20 matmul: inner sizes differ; did you mean w.t()?",
  ],
  [
    "a thrown text",
    { "model.ts": `function f() {\n  throw "no";\n}\nf();` },
    "exception model.ts:2:3 threw 'no'; throw an Error, so that it tells where it came from",
  ],
  [
    "a thrown object, thrown again",
    { "model.ts": `try {\n  throw { code: 1 };\n} catch (e) { throw e; }` },
    "exception model.ts:2:3 threw { code: 1 }; throw an Error, so that it tells where it came from",
  ],
  [
    "a thrown nothing",
    { "model.ts": `throw undefined;` },
    "exception model.ts:1:1 threw undefined; throw an Error, so that it tells where it came from",
  ],
  [
    "a cause",
    {
      "model.ts": `function inner() { throw new TypeError("inner"); }\ntry { inner(); } catch (cause) {\n  throw new Error("outer", { cause });\n}`,
    },
    "exception model.ts:3:9 Error: outer; caused by TypeError: inner",
  ],
  [
    "several errors at once",
    { "model.ts": `await Promise.any([Promise.reject(new Error("a")), Promise.reject("b")]);` },
    "exception model.ts:1:35 AggregateError: All promises were rejected; Error: a; threw 'b'",
  ],
  [
    "recursion without end",
    { "model.ts": `const é = "ü"; function fact(n: number): number { return n * fact(n - 1); }\nfact(3);` },
    "stack-overflow model.ts:1:62 the call stack overflowed: fact keeps calling itself; let the recursion end sooner, or write it as a loop",
  ],
  [
    "an error in a decorator",
    { "model.ts": `function d(v: unknown, c: unknown) {\n  throw new Error("d");\n}\n@d class A {}` },
    "exception model.ts:2:9 Error: d",
  ],
  [
    "an error in a using declaration",
    { "model.ts": `{\n  using x = { [Symbol.dispose]() { throw new Error("disposed"); } };\n}` },
    "exception model.ts:2:42 Error: disposed",
  ],
  [
    "an error in code that is evaluated",
    { "model.ts": `const x = 1;\n  eval("throw new Error('e' + x)");` },
    "exception model.ts:2:3 Error: e1",
  ],
  [
    "an error with a stack of its own",
    { "model.ts": `const e = new Error("x"); e.stack = "none"; throw e;` },
    "exception nowhere Error: x",
  ],
];

describe("what went wrong", () => {
  for (const [name, files, line] of cases) {
    it(`is told and placed: ${name}`, async () => assert.equal((await failureOf(files)).line, line));
  }

  it("is a file that is not there", async () => {
    const folder = await ModelFolder.create({});
    try {
      const { failure } = await folder.run("model.ts");
      assert.equal(failure?.message, `cannot find ${folder.path("model.ts")}`);
    } finally {
      await folder.remove();
    }
  });

  it("ends where the call ends, and says in which function", async () => {
    const { site } = await failureOf({
      "model.ts": `class Net { forward(x: any) { return x.relu(1) } }\nnew Net().forward({});`,
    });
    assert.deepEqual(
      [site?.line, site?.column, site?.endLine, site?.endColumn, site?.within],
      [1, 40, 1, 47, "Net.forward"],
    );
  });

  it("comes with the user's frames, innermost first, and none of ours", async () => {
    const { frames } = await failureOf({
      "model.ts": `import { deep } from "./lib";
        class Net { static run() { return [1].map((x) => new Net(x)); } constructor(x: number) { deep(x); } }
        async function main() { await null; Net.run(); }
        await main();`,
      "lib.ts": `export const deep = (x: number): void => { throw new Error(String(x)); };`,
    });
    assert.deepEqual(
      frames?.map(({ name, site }) => `${name} ${path.basename(site.file)}:${site.line}:${site.column}`),
      [
        "deep lib.ts:1:50",
        "new Net model.ts:2:98",
        "<anonymous> model.ts:2:58",
        "Net.run model.ts:2:47",
        "main model.ts:3:49",
        "<module> model.ts:4:9",
      ],
    );
  });

  it("is every syntax error of a file", async () => {
    const { related } = await failureOf({ "model.ts": `const x = (;\nlet y = ;` });
    assert.deepEqual(
      related?.map(({ site }) => `${site.line}:${site.column}`),
      ["2:9"],
    );
  });

  it("is a rejection that nobody caught", async () => {
    assert.deepEqual(
      await lateFailuresOf({
        "model.ts": `async function f() {\n  await null;\n  throw new Error("late");\n}\nvoid f();\nPromise.reject("text");\nvoid new Promise((_, reject) =>\n  reject(3));`,
      }),
      [
        "rejection model.ts:6:9 rejected with 'text'; throw an Error, so that it tells where it came from",
        "rejection model.ts:8:3 rejected with 3; throw an Error, so that it tells where it came from",
        "rejection model.ts:3:9 Error: late",
      ],
    );
  });

  it("is an exception of a timer", async () => {
    assert.deepEqual(await lateFailuresOf({ "model.ts": `setTimeout(() => {\n  throw new Error("timer");\n});` }), [
      "exception model.ts:2:9 Error: timer",
    ]);
  });

  it("is Node's own error to a program that catches it", async () => {
    const { lines, failure } = await runFiles({
      "model.ts": `try { await import("./missing"); } catch (e) { log(e.code); }
        try { await import("missing-package"); } catch (e) { log(e.code); }
        try { await import("./broken.ts"); } catch (e) { log(e instanceof SyntaxError); }
        try { (0, eval)("("); } catch (e) { log(e instanceof SyntaxError); }`,
      "broken.ts": "let x = ;",
    });
    assert.equal(failure, null);
    assert.deepEqual(lines, ["ERR_MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND", "true", "true"]);
  });

  it("is shown by the error's own stack at the user's positions", async () => {
    const { lines, root } = await runFiles({
      "model.ts": `interface A { x: 1 }\n\nfunction f() { return new Error("x"); }\nlog(f().stack);\nexport {};`,
    });
    const [, ...frames] = lines[0]!
      .replaceAll(root, "ROOT")
      .split("\n")
      .map((line) => line.trim());
    assert.deepEqual(frames.slice(0, 2), ["at f (ROOT/model.ts:3:23)", "at <anonymous> (ROOT/model.ts:4:5)"]);
  });
});
