import assert from "node:assert/strict";
import { ModelFolder, runFiles } from "./model-run.ts";

/** What a program logs when it runs through; with the names its tensors were given. */
async function run(
  source: string,
  name = "model.ts",
): Promise<{ lines: readonly string[]; labels: readonly string[] }> {
  const { lines, labels, failure, late } = await runFiles({ [name]: source });
  assert.deepEqual([failure, late], [null, []]);
  return { lines, labels };
}

describe("a model file that runs", () => {
  it("names the tensors that it assigns, at the first assignment", async () => {
    const { labels } = await run(`import { tensor } from "backstep";
      const x = tensor(1), y = x;
      let h = x.relu(); h = h.relu();
      const renamed = x;
      class Net { w = tensor(1); #b = tensor(2); static s = tensor(3); constructor() { (this as any).late = tensor(4); } }
      const net = new Net();
      const params = { w: tensor(5), list: [tensor(6), tensor(7)] };
      const [a, { b }] = [tensor(8), { b: tensor(9) }];
      let c, d; [c, d] = [tensor(10), tensor(11)];
      for (const [input, target] of [[tensor(12), tensor(13)]]) input.relu();
      const later = await Promise.resolve(tensor(14));
      const either = x ? tensor(15) : null;
      export const out = tensor(16), parts = [1, 2].map((n) => tensor(n));
      log(y, h, renamed, net, params, a, b, c, d, later, either);`);
    assert.deepEqual(
      labels,
      "x h h s w b late params.w params.list[0] params.list[1] a b c d input target later either out parts[0] parts[1]".split(
        " ",
      ),
    );
  });

  it("has at each call the place of that call", async () => {
    const { lines } = await run(`import { tensor } from "backstep";
const é = tensor("😀"), x = tensor(1).relu()
  .relu();
const where = (t: any) => { const s = (globalThis as any).sites; return t.site; };
function f() { const { line, column, endLine, endColumn, within } = here(); log(line, column, endLine, endColumn, within); }
class A { m() { f(); [1].forEach(() => f()); } }
new A().m(), f(   );
declare const here: () => any, log: (...x: unknown[]) => void;`);
    // f asks by calling here(): that is the place, and the function is f.
    assert.deepEqual(new Set(lines), new Set(["5 69 5 75 f"]));
  });

  it("tells its own frames", async () => {
    const { lines } = await run(`interface A {}
class Net { forward(x: number) { return [x].map(() => frames().map((f: any) => \`\${f.name} \${f.site.line}:\${f.site.column}\`).join(", "))[0]; } }
function go() { return new Net().forward(1); }
log(go());
declare const frames: any, log: any;`);
    assert.deepEqual(lines, ["<anonymous> 2:55, Net.forward 2:45, go 3:34, <module> 4:5"]);
  });
});

const features: Readonly<Record<string, readonly [source: string, logged: string]>> = {
  enums: [
    `enum E { A, B = 5, C, D = "x".length, S = "s" } const enum K { X = 3 } log(E.A, E.C, E[5], E.D, E.S, K.X);`,
    "0 6 B 1 s 3",
  ],
  namespaces: [
    `namespace N { export const a = f(1); export namespace M { export const b = a + 1; } function f(x: number) { return x; } export let c; [c] = [f(9)]; } namespace N { export const d = a; } log(N.a, N.M.b, N.c, N.d);`,
    "1 2 9 1",
  ],
  "parameter properties": [
    `class A { y = this.x; constructor(readonly x: number, protected z = 2) {} } class B extends A { k = this.z; constructor(public q: string) { super(7); } } const b = new B("q"); log(b.x, b.y, b.k, b.q);`,
    "7 undefined 2 q",
  ],
  "abstract classes and overloads": [
    `abstract class A { abstract m(): number; n() { return this.m(); } } class B extends A { override m(): number; override m(x?: number): number { return x ?? 4; } } log(new B().n());`,
    "4",
  ],
  satisfies: [`const x = { a: [1, 2].map((v) => v * 2) } satisfies Record<string, number[]>; log(x.a.join());`, "2,4"],
  "assertions and generics": [
    `function id<T>(x: T): T { return x; } log(id<string>("a"), (<any>id)(1), id(2)!, (id as typeof id)(3)); const g = id<number>; log(g(4));`,
    "a 1 2 3|4",
  ],
  "standard decorators": [
    `function twice(v: any, c: ClassMethodDecoratorContext) { return function (this: any, ...a: any[]) { return v.call(this, ...a) * 2; }; } function field(_: any, c: any) { return (v: number) => v + 1; } const cls = (n: string) => (v: any, c: any) => { v.tag = n + c.name; }; @cls("t") class A { @field f = 1; @twice m(x: number) { return x + this.f; } accessor q = 5; declare static tag: string; } const a = new A(); log(a.m(1), a.f, a.q, A.tag);`,
    "6 2 5 tA",
  ],
  using: [
    `{ using a = { [Symbol.dispose]() { log("gone a"); } }, b = { [Symbol.dispose]() { log("gone b"); } }; log("in"); } await using c = { async [Symbol.asyncDispose]() { log("gone c"); } }; log("end");`,
    "in|gone b|gone a|end|gone c",
  ],
  "private names and brands": [
    `class A { static #n = 0; #x = 1; static has(o: object) { return #x in o; } get #p() { return this.#x; } m() { A.#n++; return this.#p + this.#q(); } #q() { return 1; } static n() { return A.#n; } } log(new A().m(), A.has(new A()), A.has({}), A.n());`,
    "2 true false 1",
  ],
  "static blocks and computed names": [
    `const k = "m"; class A { static v: number; static { this.v = Math.max(1, 2); } [k + "1"]() { return 3; } static ["f" + "g"] = 4; } log(A.v, (new A() as any).m1(), (A as any).fg);`,
    "2 3 4",
  ],
  "async generators": [
    `async function* g(n: number) { for (let i = 0; i < n; i++) yield await Promise.resolve(i); return 9; } const out: number[] = []; for await (const x of g(3)) out.push(x); const it = g(0); log(out.join(), (await it.next()).value);`,
    "0,1,2 9",
  ],
  "labels and switches": [
    `outer: for (const i of [1, 2, 3]) { for (const j of [1, 2]) { if (j === 2) continue outer; if (i === 3) break outer; log(i, j); } }`,
    "1 1|2 1",
  ],
  "arguments and this": [
    `function f(this: any, a = g(), ...rest: any[]) { return [arguments.length, rest.length, this?.k].join(); } function g() { return 1; } const o = { k: 2, f }; log(o.f(), o.f(...[1, 2]), o["f"](), (o.f)(), (0, o.f)(), f.call({ k: 3 }), o?.f?.());`,
    "0,0,2 2,1,2 0,0,2 0,0,2 0,0, 0,0,3 0,0,2",
  ],
  "new.target and Reflect": [
    `class A { t = String(new.target); constructor() { this.t = new.target?.name ?? "none"; } } class B extends A {} log(new B().t, Reflect.construct(A, [], B).t, (Reflect.construct(Array, [1, 2]) as any).length);`,
    "B B 2",
  ],
  "tagged templates": [
    `const tag = (s: TemplateStringsArray, ...v: any[]) => s.raw.join("|") + v.join(); const same = () => ((s: any) => s)\`x\`; log(tag\`a\\n\${1}b\${[2].map((x) => x)}c\`, same() === same(), String.raw\`\\u\${1}\`);`,
    "a\\n|b|c1,2 true \\u1",
  ],
  eval: [
    `"use strict"; function f() { const x = 5; return eval("x + 1"); } log(f(), new Function("a", "return a * 2")(4), (0, eval)("typeof f"));`,
    "6 8 undefined",
  ],
  "default exports": [`export default class { static m() { return 1; } } log(1);`, "1"],
  "getters, setters and spread": [
    `const o = { get a() { return [1, 2]; }, set b(v: number) { log("set", v); }, ...{ c: String(3) } }; o.b = Math.abs(-1); log(Math.max(...o.a, ...[5].values()), { ...o, d: Number("4") }.d, o.c);`,
    "set 1|5 4 3",
  ],
  exceptions: [
    `function f() { try { throw Object.assign(new Error("a"), { n: 1 }); } catch ({ message, n }: any) { return message + n; } finally { log("finally"); } } log(f()); try { null!.x; } catch { log("caught"); }`,
    "finally|a1|caught",
  ],
  destructuring: [
    `const { a: { b = String(1) } = {} as any, ...rest } = { c: 1, d: [2] }; const [x, , y = x, ...z] = new Set([1, 2, , 4].values()); let p, q; ({ p, q = p } = { p: Number(1) } as any); [p, q] = [q, p]; log(b, rest.d, x, y, z.length, p, q);`,
    "1 2 1 1 1 1 1",
  ],
  "function names": [
    `const f = () => 1; const g = function () {}; const C = class {}; const o = { m() {}, a: () => 1 }; const h = (() => 2); class K { p = () => 1; static q = class {}; } log(f.name, g.name, C.name, o.m.name, o.a.name, h.name, new K().p.name, K.q.name);`,
    "f g C m a h p q",
  ],
  "big integers, regular expressions and numbers": [
    `log(2n ** 3n, /(?<y>\\d+)/v.exec("a12")!.groups!["y"], 1_000, 0b11, 1..toFixed(1), 1.5.toFixed());`,
    "8 12 1000 3 1.0 2",
  ],
  "a last line comment": [`log(1) // the end`, "1"],
  "optional chains": [
    `const o: any = { f: () => ({ g: () => null }), n: null }; log(o?.f()?.g()?.x.y.z(), o.n?.f(log("never")).g(), o.x?.(), o?.["f"]?.().g(), delete o?.f, o.f);`,
    "undefined undefined undefined null true undefined",
  ],
};

describe("TypeScript", () => {
  for (const [name, [source, logged]] of Object.entries(features)) {
    it(`has ${name}`, async () => {
      const { lines } = await run(`${source}\nexport {};`);
      assert.equal(lines.join("|"), logged);
    });
  }

  it("has experimental decorators where its configuration says so", async () => {
    const { lines, failure } = await runFiles({
      "model.ts": `function d(target: any, key: string) { log("decorated", key); } class A { @d m() {} } log(new A() !== null);`,
      "tsconfig.json": `{ "compilerOptions": { "experimentalDecorators": true } }`,
    });
    assert.deepEqual([lines, failure], [["decorated m", "true"], null]);
  });

  it("elides what is imported for its type alone", async () => {
    const { lines, failure } = await runFiles({
      "model.ts": `import { type A, B } from "./types"; import type { C } from "./types"; import D from "./none"; const x: A | B | C | D = 1; log(x);`,
      "types.ts": `export type A = number; export interface B {} export type C = 1;`,
    });
    assert.deepEqual([lines, failure], [["1"], null]);
  });

  it("leaves out types that are passed on without being called types", async () => {
    const files = {
      "model.ts": `import { Shape, area, Unit, C, D, E, v } from "./index"; const s: Shape = { side: 3 }; const u: Unit = 1;
        const c: C = 1, d: D = 2, e: E | null = null; log(area(s), u, c, d, e, v); export { Shape as S };`,
      "index.ts": `export { Shape, area } from "./shape"; import { Unit, v } from "./units"; export { Unit, v }; export * from "./more";
        export { Declared } from "./declared"; import { E } from "./both"; export { E };`,
      "shape.ts": `export interface Shape { side: number } export function area(s: Shape): number { return s.side ** 2; }`,
      "units.ts": `export { Unit } from "./deep"; export const v = "v";`,
      "deep.ts": `type Unit = number; export { Unit }; export { Shape } from "./index";`,
      "more.ts": `export type C = number; export type D = number;`,
      "both.ts": `export interface E {} export class E {}`,
      "declared.d.ts": `export interface Declared {}`,
    };
    const { lines, failure } = await runFiles(files);
    assert.deepEqual([lines, failure], [["9 1 1 2 null v"], null]);
  });

  it("asks again of a type that has become a value, though the file that passes it on is as it was", async () => {
    const folder = await ModelFolder.create({
      "model.ts": `import * as index from "./index"; log(Object.keys(index).join());`,
      "index.ts": `export { A } from "./a";`,
      "a.ts": `export type A = 1;`,
    });
    try {
      const first = await folder.run("model.ts");
      await folder.write({ "a.ts": `export class A {}` });
      assert.deepEqual([...first.lines, ...(await folder.run("model.ts")).lines], ["", "A"]);
    } finally {
      await folder.remove();
    }
  });
});
