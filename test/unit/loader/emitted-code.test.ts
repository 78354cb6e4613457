import assert from "node:assert/strict";
import ts from "typescript";
import { compileModule } from "../../../engine/session/loader/transform.ts";

/** Emitted code with short names for what it calls, and without the imports, which stand as they were. */
function emitted(source: string, fileName = "model.ts"): string {
  const { code } = compileModule(ts, source, fileName, { instrument: true, packageType: "commonjs" });
  return code
    .replaceAll(/__backstep(Site|Super|Keep|Kept|Label|Thrown|Added|Named)/g, (_, name: string) => name.toLowerCase())
    .replaceAll(/0x0000([0-9a-f]{2})/g, (_, digits: string) => String(Number.parseInt(digits, 16)))
    .replace(/^export \{\};\n/m, "")
    .trim();
}

const calls: readonly (readonly [source: string, code: string])[] = [
  ["x.matmul(w);", "x.matmul(site(0, w));"],
  ["x.relu();", "x.relu(...(site(0), []));"],
  ["x.relu().sum();", "x.relu(...(site(1), [])).sum(...(site(0), []));"],
  ["f(g(x));", "f(site(0, g(site(1, x))));"],
  ["f();", "f(...(site(0), []));"],
  ["f(a, b);", "f(a, site(0, b));"],
  ["f(...xs);", "f(...site(0, xs));"],
  ["f(a, ...xs);", "f(site(0, a), ...xs);"],
  ["f(a, ...g());", "f(a, ...site(0, [...g(...(site(1), []))]));"],
  ["x?.relu();", "x?.relu(...(site(0), []));"],
  ["x?.relu()?.sum(1);", "x?.relu(...(site(1), []))?.sum(site(0, 1));"],
  ["f?.();", "f?.(...(site(0), []));"],
  ["x[k]();", "x[k](...(site(0), []));"],
  ["(x as any).relu!();", "x.relu(...(site(0), []));"],
  ["(0, x.f)();", "(0, x.f)(...(site(0), []));"],
  ["new C();", "new C(...(site(0), []));"],
  ["new C;", "new C(...(site(0), []));"],
  ["new C<number>(1);", "new C(site(0, 1));"],
  ["new (f(x))();", "new (f(site(1, x)))(...(site(0), []));"],
  ["tag`a${x}b`;", "tag `a${site(0, x)}b`;"],
  ["tag`a`;", "tag `a`;"],
  ["eval('1');", "eval(site(0, '1'));"],
  ["delete x.f();", "delete x.f(...(site(0), []));"],
  ["throw new Error('x');", "throw new Error(site(0, 'x'));"],
  ["a + b;", "a + added(0, b, a);"],
  ["f(1) + b;", "added(0, f(site(1, 1)), b) + b;"],
  ["a + 1;", "a + 1;"],
  ["'x' + a + b;", "'x' + a + b;"],
  ["a + b.item();", "a + b.item(...(site(0), []));"],
  ["o.x += b;", "o.x += b;"],
  ["throw 'x';", "throw thrown(0, 'x');"],
  ["Promise.reject(1);", "Promise.reject(thrown(0, 1));"],
  ["import('./x');", "import('./x');"],
  ["require('./x');", "require('./x');"],
  ["Object.defineProperty(exports, 'a', {});", "Object.defineProperty(exports, 'a', {});"],
  [
    "const enum E { A = 'x'.length }",
    'var E;\n(function (E) {\n    E[E["A"] = \'x\'.length] = "A";\n})(E || (E = {}));',
  ],
  ["interface A { m(): void }\ndeclare const x: ReturnType<typeof f>;", ""],
  ["if (a) f(x);\nelse g(x);", "if (a)\n    f(site(0, x));\nelse\n    g(site(1, x));"],
];

const labels: readonly (readonly [source: string, code: string])[] = [
  ["const h = f(1);", 'const h = label("h", f(site(0, 1)));'],
  ["let a = b, h = (f(1) as any)!;", 'let a = b, h = label("h", f(site(0, 1)));'],
  ["const h = await f(1);", 'const h = label("h", await f(site(0, 1)));'],
  ["const h = c ? f(1) : x;", 'const h = label("h", c ? f(site(0, 1)) : x);'],
  ["const h = x ?? f(1);", 'const h = label("h", x ?? f(site(0, 1)));'],
  ["const h = new C(1);", 'const h = label("h", new C(site(0, 1)));'],
  ["const m = x.max(1).values;", 'const m = label("m", x.max(site(0, 1)).values);'],
  ["h = f(1);", 'h = label("h", f(site(0, 1)));'],
  ["h ??= f(1);", 'h ??= label("h", f(site(0, 1)));'],
  ["h += f(1);", "h += added(0, f(site(1, 1)), h);"],
  ["net.w = f(1);", 'net.w = label("net.w", f(site(0, 1)));'],
  ["ws[0] = f(1);", 'ws[0] = label("ws[0]", f(site(0, 1)));'],
  ["w.requiresGrad = a;", "w.requiresGrad = site(0, a);"],
  ["module.exports = f(1);", "module.exports = f(site(0, 1));"],
  ["exports.w = f(1);", 'exports.w = label("w", f(site(0, 1)));'],
  [
    "const p = { w: f(1), deep: { b: f(2) }, n: 1 };",
    'const p = { w: label("p.w", f(site(0, 1))), deep: { b: label("p.deep.b", f(site(1, 2))) }, n: 1 };',
  ],
  ["const ws = [f(1), ...xs, f(2)];", 'const ws = [label("ws[0]", f(site(0, 1))), ...xs, f(site(1, 2))];'],
  ["const [a, , b = 1, ...c] = f(1);", 'const [a, , b = 1, ...c] = f(site(0, 1));\nlabel("a", a);\nlabel("b", b);'],
  [
    "const { values, indices: { first } } = f(1);",
    'const { values, indices: { first } } = f(site(0, 1));\nlabel("values", values);\nlabel("first", first);',
  ],
  ["[h, c] = f(1);", '[h, c] = f(site(0, 1));\nlabel("h", h);\nlabel("c", c);'],
  ["if (x) [h] = f(1);", 'if (x) {\n    [h] = f(site(0, 1));\n    label("h", h);\n}'],
  ["const [a] = b;", "const [a] = b;"],
  ["const g = () => 1;", "const g = () => 1;"],
  ["const x = require('x');", "const x = require('x');"],
  [
    "for (const [x, { y }] of f(1)) g(x);",
    'for (const [x, { y }] of f(site(0, 1))) {\n    label("x", x);\n    label("y", y);\n    g(site(1, x));\n}',
  ],
  ["for (const x of f(1)) g(x);", "for (const x of f(site(0, 1)))\n    g(site(1, x));"],
  ["export const [a] = f(1);", 'export const [a] = f(site(0, 1));\nlabel("a", a);'],
  [
    "namespace N { export const [a] = f(1); }",
    'var N;\n(function (N) {\n    N.a = f(site(0, 1))[0];\n    label("a", N.a);\n})(N || (N = {}));',
  ],
];

const classes: readonly (readonly [source: string, code: string])[] = [
  ["class A { w = f(1); }", 'class A {\n    w = label("w", f(site(0, 1)));\n}'],
  [
    "class A { #w = f(1); static s = f(2); }",
    'class A {\n    #w = label("w", f(site(0, 1)));\n    static s = label("s", f(site(1, 2)));\n}',
  ],
  ["class A { m() { this.w = f(1); } }", 'class A {\n    m() { this.w = label("w", f(site(0, 1))); }\n}'],
  [
    "class A extends B { constructor() { super(); } }",
    "class A extends B {\n    constructor() { super(...(super(0), [])); }\n}",
  ],
  [
    "class A extends B { constructor() { super(f(), 1); } }",
    "class A extends B {\n    constructor() { super((keep(), f(...(site(1), []))), kept(0, 1)); }\n}",
  ],
  [
    "class A extends B { constructor() { super(...f()); } }",
    "class A extends B {\n    constructor() { super(...(keep(), kept(0, [...f(...(site(1), []))]))); }\n}",
  ],
  [
    "class A extends B { constructor(private x: number) { super(x); } }",
    "class A extends B {\n    x;\n    constructor(x) {\n        super(super(0, x));\n        this.x = x;\n    }\n}",
  ],
  ["class A extends B { m() { super.m(); } }", "class A extends B {\n    m() { super.m(...(site(0), [])); }\n}"],
  ["class A { #m() { this.#m(); } }", "class A {\n    #m() { this.#m(...(site(0), [])); }\n}"],
  ["class A extends f(B) {}", "class A extends f(site(0, B)) {\n}"],
  ["class A { static { f(1); } }", "class A {\n    static { f(site(0, 1)); }\n}"],
];

describe("emitted code", () => {
  describe("of calls", () => {
    for (const [source, code] of calls) it(source, () => assert.equal(emitted(source), code));
  });
  describe("of what is assigned", () => {
    for (const [source, code] of labels) it(source, () => assert.equal(emitted(source), code));
  });
  describe("of classes", () => {
    for (const [source, code] of classes) it(source, () => assert.equal(emitted(source), code));
  });

  it("labels an exported name of CommonJS as what it is: a property of exports", () => {
    assert.match(emitted("export const [a] = f(1);", "model.cts"), /label\("a", exports\.a\)/);
  });

  it("leaves a file that names the loader's globals as it is", () => {
    assert.equal(emitted("f(__backstepSite);"), "f(site);");
  });

  it("keeps a directive first", () => {
    assert.equal(emitted('"use strict";\nf(1);'), '"use strict";\nf(site(0, 1));');
  });

  it("keeps a shebang", () => {
    assert.equal(emitted("#!/usr/bin/env node\nf(1);"), "#!/usr/bin/env node\nf(site(0, 1));");
  });
});

describe("a site", () => {
  const site = (source: string): unknown =>
    compileModule(ts, source, "model.ts", { instrument: true, packageType: "commonjs" }).sites.map(
      ({ range, within }) => [range.join(" "), within ?? ""],
    );

  it("starts at the method's name and ends with the call", () => {
    assert.deepEqual(site("const h = x\n  .matmul(w)\n  .relu(\n);"), [
      ["3 4 4 2", ""],
      ["2 4 2 13", ""],
    ]);
  });

  it("counts columns in UTF-16 units, as editors do", () => {
    assert.deepEqual(site('const é = "😀"; f(x);'), [["1 17 1 21", ""]]);
  });

  it("counts lines the same with carriage returns", () => {
    assert.deepEqual(site("a;\r\n  f(x);\r\n"), [["2 3 2 7", ""]]);
  });

  it("starts at `new`, at a plain callee, and at a key", () => {
    assert.deepEqual(site("new nn.Linear(1); F(1); x[k](1); (a.b)(1);"), [
      ["1 1 1 17", ""],
      ["1 19 1 23", ""],
      ["1 27 1 32", ""],
      ["1 37 1 42", ""],
    ]);
  });

  it("names the function around it", () => {
    const source = `
      class Net { w = f(1); forward(x) { return xs.map((x) => g(x)); } static make() { return h(1); } get p() { return k(1); } }
      const train = async () => { f(1); };
      const o = { run() { f(1); } };
      function outer() { const inner = function () { f(1); }; }
      f(1);`;
    const compiled = compileModule(ts, source, "model.ts", { instrument: true, packageType: "commonjs" });
    assert.deepEqual(
      compiled.sites.map(({ within }) => within),
      ["new Net", "Net.forward", "Net.forward", "Net.make", "Net.p", "train", "run", "inner", undefined],
    );
  });
});
