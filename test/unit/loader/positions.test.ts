import assert from "node:assert/strict";
import { runFiles, type ThreadResult } from "./model-run.ts";

/** Programs as files of their own, and one that runs each and logs the stack of what it throws. */
function files(): Record<string, string> {
  const bodies = Object.values(programs);
  const all = [...bodies, bodies[3]!.replaceAll("\n", "\r\n")];
  const modules = all.map((source, i) => [`p${i}.ts`, `${source}\nexport { main };\n`]);
  const calls = all.map((_, i) => `try { (await import("./p${i}.ts")).main(); } catch (e) { log(e.stack); }`);
  const awaited = calls.map((call) => call.replace("(await", "await (await"));
  return { "model.mjs": awaited.join("\n"), ...Object.fromEntries(modules) };
}

/** Message, and line:column of the frames in the program's file. */
function placesIn(stack: string, root: string): string[] {
  const [message = "", ...frames] = stack.split("\n");
  const own = frames.filter((frame) => frame.includes(`${root}/p`));
  return [message, ...own.map((frame) => /:(\d+:\d+)\)?$/.exec(frame)![1]!)];
}

const programs: Readonly<Record<string, string>> = {
  "a throw": `interface A { x: number }\n\n  function main(): A { throw   new TypeError("bad"); }`,
  "several calls on one line": `const ok = (x?: unknown) => x; function bad(): never { throw new Error("é"); }
    async function main() { return ok(1), ok(ok(2)), [ok(3), bad()], ok(); }`,
  "text outside ASCII before the call": `function bad(): number { const s = "日本語 😀 ü", t: string = s; return [t].map((x) => x.nope.length)[0]!; }
    const main = () => bad();`,
  "methods in a chain over lines": `class T { relu(): this { return this; } sum(n?: number): never { throw new RangeError("n"); } }
    async function main() {
      const x: T = new T();
      return x
        .relu()
        .relu()   .sum(
          1,
        );
    }`,
  "calls without arguments": `class T { relu(): this { return this; } sum(): never { throw new RangeError("n"); } }
    function main() { const t = new T(); return t.relu().relu().sum(); }`,
  "a property of undefined": `type X = any; function main(x?: X) { const a = 1;  return a + x.foo.bar(); }`,
  "a call of what is no function": `function main() { const x: any = { y: {} };   return x.y.z(1); }`,
  "a call of what is no function, without arguments": `function main() { const x: any = { y: () => ({}) };   return x.y().z(); }`,
  "no function by key": `function main() { const x: any = {}, k = "z";   return x[k](1) + x[k](); }`,
  "no constructor": `function main() { const x: any = {};   return 1 + (new x.Foo(1) as number); }`,
  "a constructor that throws": `class A { constructor(n: number) { if (n > 0) throw new Error("n"); } }
    class B extends A { f = 1; constructor(n: number) { super(n); } }
    function main() { return [new A(0), new B(2)]; }`,
  "a field that throws": `class A { x: number = 1; y = fail(this.x); }
    function fail(n: number): number { throw new Error(String(n)); } function main() { return new A(); }`,
  "a getter": `const o = { get p(): number { throw new Error("p"); } }; function main() { return 1 + o.p; }`,
  "a template":
    "function fail(): string { throw new Error(); } function main() { return `a ${1 as number} ${fail()}`; }",
  "a tagged template":
    "const tag = (s: TemplateStringsArray, x: unknown) => { throw new Error(String(x)); }; function main() { return tag`a ${1}`; }",
  "a default parameter": `function fail(): number { throw new Error(); } function f(x: number = fail()) { return x; } function main() { return f(); }`,
  "an await": `async function f(x: number): Promise<number> { await null; throw new Error(String(x)); } async function main() { return 1 + (await f(2)); }`,
  "an optional chain": `const o: any = { f() { throw new Error(); } }; function main() { return o?.f?.(); }`,
  "a callback": `function main(): number[] { return [1, 2].map((x): number => { if (x > 1) throw new Error(); return x; }); }`,
  "a generator": `function* g(): Generator<number> { yield 1; throw new Error(); } function main() { return [...g()]; }`,
  "a spread alone": `const f = (...xs: any[]): never => { throw new Error(String(xs)); }; function main() { return f(...[1, 2]); }`,
  "a spread": `function main(x?: any) { return Math.max(1, ...x); }`,
  "a destructuring": `function main(x?: any) { const [a, b] = x(); return a + b; }`,
  "an undeclared name": `function main() { return 1 + ((nowhere as any) + 2); }
    declare const nowhere: unknown;`,
  "a label": `class A { w: any; init() { this.w = fail(); } }\nfunction fail(): number { throw new Error(); } function main() { const a = new A();   a.init(); }`,
  "new in new": `class A { constructor(_x?: unknown) { throw new Error(); } } function main() { return new Map([[1, new A(new Set<number>())]]); }`,
  "an array callback with this": `class N { k = 1; run() { return [1].map((v) => this.inner(v)); } inner(v: number): never { throw new Error(String(v)); } } function main() { return new N().run(); }`,
  "a switch": `function f(x: number): number { switch (x) { case 1: return f(2); default: throw new Error(); } } function main() { return f(1); }`,
  comments: `function main() { /* one */ return /* two */ f( /* three */ 1 ) // four
    ; } function f(x: number): never { throw /* five */ new Error(String(x)); }`,
  "an arrow with an expression": `const f = (x: number): number => g(x); const g = (x: number): number => { throw new Error(String(x)); }; const main = () => f(1);`,
  toString: "function main() { const o: any = { toString() { throw new Error(); } };   return `${o}`; }",
};

describe("positions in stacks", () => {
  // Node strips types by overwriting them with blanks: run by itself, its stacks show where things stand.
  let ours: ThreadResult & { readonly root: string };
  let nodes: ThreadResult & { readonly root: string };

  before(async () => {
    [ours, nodes] = await Promise.all([runFiles(files()), runFiles(files(), { natively: true })]);
  });

  for (const [i, name] of [...Object.keys(programs), "lines that end with carriage returns"].entries()) {
    it(`are the source's own: ${name}`, () => {
      const expected = placesIn(nodes.lines[i]!, nodes.root);
      assert.ok(expected.length > 1);
      assert.deepEqual(placesIn(ours.lines[i]!, ours.root), expected);
    });
  }
});
