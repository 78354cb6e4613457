import assert from "node:assert/strict";
import fc from "fast-check";
import { runBody, type Log } from "./instrumented-program.ts";

/** Calls, as a program may nest them. Every one of them gives `v`, or undefined where a chain is cut short. */
const { expression } = fc.letrec<{ expression: string; args: string; arg: string }>((tie) => ({
  args: fc.array(tie("arg"), { maxLength: 3 }).map((args) => args.join(", ")),
  arg: fc.oneof(
    { weight: 4, arbitrary: tie("expression") },
    tie("expression").map((e) => `...[${e}]`),
    tie("expression").map((e) => `...(function* () { yield ${e}; f(); })()`),
    fc.constant("...rest"),
    tie("expression").map((e) => `() => ${e}`),
    fc.constantFrom("1", '"text"', "`template`", "null", "v", "v.part"),
  ),
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("v", "v.a()", "f()", "v.part.b()", "(new K)", "new K()", "u?.a()", "v?.b()"),
    fc.tuple(tie("expression"), fc.constantFrom("a", "b"), tie("args")).map(([e, m, args]) => `${e}.${m}(${args})`),
    fc.tuple(tie("expression"), fc.constantFrom("a", "b"), tie("args")).map(([e, m, args]) => `${e}?.${m}(${args})`),
    fc.tuple(tie("expression"), tie("args")).map(([e, args]) => `u?.part.a(${args}).b(${e})`),
    fc.tuple(tie("expression"), tie("args")).map(([e, args]) => `(${e})["a"](${args}).part.b()`),
    fc.tuple(tie("expression"), tie("args")).map(([e, args]) => `(${e} as any).a!(${args})`),
    fc.tuple(tie("expression"), tie("args")).map(([e, args]) => `${e}.missing?.(${args})`),
    fc.tuple(tie("expression"), tie("args")).map(([e, args]) => `${e}.missing(${args})`),
    fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `(${a}, ${b})`),
    fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `(${a} ? ${b} : ${a})`),
    fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `(${a} ?? ${b})`),
    tie("args").map((args) => `f(${args})`),
    tie("args").map((args) => `g?.(${args})`),
    tie("args").map((args) => `new K(${args})`),
    tie("expression").map((e) => `new (${e}, K)()`),
    tie("expression").map((e) => `(new (${e}, K))`),
    tie("expression").map((e) => `tag\`one \${${e}} two\``),
    fc.constant("tag`plain`"),
    tie("expression").map((e) => `(() => ${e})()`),
    tie("expression").map((e) => `(function () { return (this as any).a(${e}); }).call(v)`),
    tie("expression").map((e) => `new (class { #m() { return ${e}; } m() { return this.#m(); } })().m()`),
    tie("expression").map(
      (e) => `new (class extends K { constructor() { super(${e}); } a() { return super.a(); } })().a()`,
    ),
    tie("expression").map((e) => `({ get p() { return ${e}; } }).p.b()`),
    tie("expression").map((e) => `[${e}].map((x) => x.a())[0]`),
  ),
}));

const statement = fc.oneof(
  expression.map((e) => `${e};`),
  expression.map((e) => `h = ${e};`),
  expression.map((e) => `h = (await ${e})?.a(await ${e});`),
  expression.map((e) => `{ const c = ${e}; log(c); }`),
  expression.map((e) => `{ const [c, { part: d }] = [${e}, v]; log(d); }`),
  expression.map((e) => `[h, rest[0]] = [${e}, ${e}];`),
  expression.map((e) => `for (const [c] of [[${e}]]) c.a();`),
  expression.map((e) => `if (${e}) [h] = [${e}]; else h = ${e};`),
  expression.map((e) => `try { throw ${e}; } catch (error) { log(error); }`),
  expression.map((e) => `log(((x = ${e}, ...more) => x.b(more.length))());`),
  expression.map((e) => `switch (${e}) { case v: h = ${e}; break; default: ${e}; }`),
  expression.map((e) => `for await (const x of (async function* () { yield ${e}; })()) x.a();`),
);

const program = fc
  .array(statement, { minLength: 1, maxLength: 4 })
  .map((statements) => `let h: any, rest: any[] = [1, 2];\n${statements.join("\n")}\nreturn h;`);

/** Each its own way to construct something, in which all of `new` and `super` has its place. */
const CONSTRUCTIONS = [
  "let h: any, rest: any[] = [1, 2];\nh = (v, new (class extends K { constructor() { super(v); } a() { return super.a(); } })().a());\n[h, rest[0]] = [v, v];\nreturn h;",
  "const n = { K, k: () => ({ K }), C: class { constructor() { return K; } } } as any; return [new n.K, new n.K(), new (n.k().K)().a(), new (n.k()).K().b(), new new n.C()(f())];",
  "class A extends K { constructor(x = new K(f()), ...more) { super(x, ...more); new.target === A && f(); } } return [new A()?.a(), new A(...[g(), v])?.b?.(), new A(v, ...[f()])];",
  "class A extends K { constructor(...more) { super(...more); f(); } } class B extends A { constructor() { super(f(), ...[g()]); } } return new B().a(new B);",
  "class A extends K { constructor() { const begin = () => super(); f(); begin(); } } class B extends A { p = f(); static q = new B(); } return (new B, B.q).a();",
  "class A extends K { constructor() { try { super(u.a()); } catch { super(f(), g()); } } } return new (f(), A)().part.a();",
  "class A extends K { constructor() { super(); super(f()); } } return new A();",
  "class A extends K { constructor() { f(); } } return new A();",
  "return new (class extends (f(), u) { constructor() { super(v); } })();",
];

/** What was done, without the sites. */
function withoutSites(log: Log): Log {
  return log.map((line) => line.replace(/ at .*/, ""));
}

describe("an instrumented program", () => {
  it("does what the program does: the same calls in the same order, the same results, the same errors", async () => {
    await fc.assert(
      fc.asyncProperty(program, async (body) => {
        assert.deepEqual(withoutSites(await runBody(body, true)), await runBody(body, false));
      }),
      { numRuns: 60 },
    );
  });

  for (const body of CONSTRUCTIONS) {
    it(`constructs as the program does: ${body}`, async () => {
      assert.deepEqual(withoutSites(await runBody(body, true)), await runBody(body, false));
    });
  }

  it("has at every call the site of that call, however calls are nested", async () => {
    await fc.assert(
      fc.asyncProperty(program, async (body) => {
        const log = await runBody(body, true);
        for (const line of log) {
          const call = /^(\w+)\/\d+ at (.*)$/.exec(line);
          // A tag without substitutions has nothing that a site could be set in.
          if (call !== null && !line.startsWith("tag/1")) assert.equal(call[2], call[1], `${line} in\n${body}`);
        }
      }),
      { numRuns: 60 },
    );
  });
});
