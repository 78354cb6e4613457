import { PASS, withFunction, type HostileFile } from "./hostile-file.ts";

const BOM = "\uFEFF";
const ENGINE = `import * as backstep from "backstep";\nconst { tensor, nn, autograd, data, optim, noGrad, ones, randn } = backstep;\n`;
const W = `const w = tensor([1, 2], { requiresGrad: true });\n`;

/** Characters that a terminal obeys. */
const ORDERS = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u;

/** A file with the engine's names and a leaf `w`, and then the given lines. */
function file(name: string, lines: string, expected: Omit<HostileFile, "name" | "source">): HostileFile {
  return { name, source: `${ENGINE}${W}${lines}\n`, ...expected };
}

/** Siblings of what was found, thought of by nobody who mended it. */
export const SIBLINGS: readonly HostileFile[] = [
  // Time: generators, waits, threads.
  file(
    "async-generator",
    `async function* batches() { for (let i = 0; i < 3; i++) yield w.mul(i + 1).sum(); }
for await (const loss of batches()) loss.backward();`,
    { status: 0 },
  ),
  file(
    "async-generator-abandoned",
    `async function* batches() { try { yield w.mul(2).sum(); await new Promise(() => {}); } finally { console.log("closed"); } }
for await (const loss of batches()) { loss.backward(); break; }`,
    { status: 0, says: /closed/u },
  ),
  file(
    "generator-holds-a-graph",
    `function* graph() { let x = w; for (;;) yield (x = x.mul(1.01)); }
const g = graph(); for (let i = 0; i < 500; i++) g.next(); g.next().value!.sum().backward();`,
    { status: 0 },
  ),
  file("atomics-wait", `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);\nw.sum().backward();`, {
    status: 0,
  }),
  file(
    "atomics-wait-in-function",
    `class Waits extends autograd.Function {
  static forward(_: any, x: any) { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20); return x.mul(2); }
  static backward(_: any, g: any) { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20); return g.mul(2); }
}
Waits.apply(w).sum().backward();`,
    { status: 0 },
  ),
  file(
    "atomics-wait-for-ever-again",
    `let runs = 0; class Waits extends autograd.Function {
  static forward(_: any, x: any) { if (runs++ > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); return x.mul(2); }
  static backward(_: any, g: any) { return g.mul(2); }
}
Waits.apply(w).sum().backward();`,
    { status: 0, says: /ended when it had run|stand|wait/u },
  ),
  file(
    "own-worker",
    `import { Worker } from "node:worker_threads";
const worker = new Worker("require('node:worker_threads').parentPort.postMessage(3)", { eval: true });
const [n] = await new Promise<number[]>((resolve) => worker.once("message", (m) => resolve([m])));
w.mul(n).sum().backward();`,
    { status: 0 },
  ),
  file(
    "own-worker-never-ends",
    `import { Worker } from "node:worker_threads";
new Worker("setInterval(() => {}, 1000)", { eval: true }).unref(); w.sum().backward();`,
    { status: 0 },
  ),
  file(
    "own-worker-spins",
    `import { Worker } from "node:worker_threads";
const worker = new Worker("for (;;);", { eval: true }); worker.unref(); w.sum().backward(); process.exit(0);`,
    { status: 0 },
  ),
  file(
    "own-worker-throws",
    `import { Worker } from "node:worker_threads";
new Worker("throw new Error('in a worker')", { eval: true }); w.sum().backward();
await new Promise((resolve) => setTimeout(resolve, 500));`,
    { status: 2, says: /in a worker/u },
  ),
  file(
    "own-worker-imports-us",
    `import { Worker, isMainThread } from "node:worker_threads";
if (!isMainThread) w.sum().backward();
const worker = new Worker(new URL(import.meta.url)); worker.on("error", (e) => console.log("worker:", e.message));
setTimeout(() => process.exit(0), 1500);`,
    { status: 0 },
  ),
  file("tensor-to-worker", `structuredClone(w);`, { status: 0 }),
  file("tensor-cloned-port", `new MessageChannel().port1.postMessage(w);`, { status: 0 }),
  file(
    "shared-array-buffer",
    `const shared = new Float32Array(new SharedArrayBuffer(16)); shared.set([1, 2, 3, 4]);
tensor(shared, { requiresGrad: true }).mul(2).sum().backward();`,
    { status: 0 },
  ),
  file(
    "resizable-buffer-shrinks",
    `const buffer = new ArrayBuffer(16, { maxByteLength: 32 }); const view = new Float32Array(buffer);
const t = tensor(view); buffer.resize(4); console.log(t.sum().item(), view.length); w.sum().backward();`,
    { status: 0, says: /0 1/u },
  ),
  file(
    "detached-buffer",
    `const view = new Float32Array(4); structuredClone(view.buffer, { transfer: [view.buffer] }); tensor(view).sum(); w.sum().backward();`,
    { status: 0 },
  ),
  file(
    "finalization-registry",
    `const registry = new FinalizationRegistry((n) => console.log("gone", n));
for (let i = 0; i < 2000; i++) { const t = randn([64, 64]); registry.register(t, i); if (i % 500 === 0) await null; }
w.sum().backward();`,
    { status: 0 },
  ),
  file(
    "finalizer-calls-backward",
    `const registry = new FinalizationRegistry(() => w.mul(3).sum().backward());
for (let i = 0; i < 20000; i++) registry.register(randn([64]), i);
w.sum().backward(); await new Promise((r) => setTimeout(r, 50));`,
    { status: 0 },
  ),
  file(
    "weak-ref-leaf",
    `const weak = new WeakRef(tensor([3], { requiresGrad: true })); weak.deref()!.mul(2).backward();`,
    {
      status: 0,
    },
  ),
  file(
    "microtask-flood",
    `const again = (n: number): void => { if (n > 0) queueMicrotask(() => again(n - 1)); }; again(1e5); w.sum().backward();`,
    {
      status: 0,
    },
  ),
  file(
    "next-tick-endless",
    `w.sum().backward(); const again = () => process.nextTick(again); again(); setTimeout(() => {}, 1); setImmediate(() => process.exit(0)); let n = 0; const stop = () => (n++ > 1e5 ? process.exit(0) : process.nextTick(stop)); stop();`,
    {
      status: 0,
    },
  ),
  file(
    "interval-cleared-late",
    `let n = 0; const id = setInterval(() => { w.sum().backward(); if (++n === 3) clearInterval(id); }, 1);`,
    {
      status: 0,
    },
  ),
  // Objects that are not what they seem.
  file(
    "getter-on-prototype",
    `Object.defineProperty(Object.prototype, "requiresGrad", { get() { return true; } });\nw.sum().backward();`,
    {
      status: 0,
    },
  ),
  file(
    "getter-throws-on-prototype",
    `Object.defineProperty(Object.prototype, "site", { get() { throw new Error("hidden"); }, configurable: true });\nw.mul(2).sum().backward();`,
    {
      status: 0,
    },
  ),
  file(
    "setter-on-prototype",
    `Object.defineProperty(Object.prototype, "op", { set() { throw new Error("set"); } });\nw.mul(2).sum().backward();`,
    {
      status: 0,
    },
  ),
  file(
    "array-prototype-indexed",
    `Object.defineProperty(Array.prototype, "0", { set() { throw new Error("zero"); }, configurable: true });\nw.mul(2).sum().backward();`,
    {
      status: 2,
      says: /array-prototype-indexed\.ts:/u,
    },
  ),
  file("array-prototype-map", `Array.prototype.map = () => { throw new Error("map"); };\nw.mul(2).sum().backward();`, {
    status: 2,
    says: /replaces what JavaScript itself has/u,
  }),
  file(
    "array-iterator-broken",
    `Array.prototype[Symbol.iterator] = function* () { throw new Error("iterator"); };\nw.mul(2).sum().backward();`,
    {
      status: 2,
      says: /replaces what JavaScript itself has/u,
    },
  ),
  file(
    "map-set-deleted",
    `for (const m of ["get", "set", "has"]) delete (Map.prototype as any)[m]; delete (Set.prototype as any).add;\nw.mul(2).sum().backward();`,
    {
      status: 2,
      says: /replaces what JavaScript itself has/u,
    },
  ),
  file(
    "json-replaced",
    `JSON.stringify = () => { throw new Error("json"); }; Math.max = () => NaN; Number.isFinite = () => false;\nw.mul(2).sum().backward();`,
    {
      status: 0,
    },
  ),
  file(
    "promise-replaced",
    `(globalThis as any).Promise = class { constructor() { throw new Error("no promises"); } };\nw.mul(2).sum().backward();`,
    {
      status: 0,
    },
  ),
  file(
    "globals-deleted",
    `for (const g of ["Map", "Set", "WeakMap", "WeakRef", "performance", "structuredClone", "Buffer"]) delete (globalThis as any)[g];\nw.mul(2).sum().backward();`,
    {
      status: 2,
      says: /replaces what JavaScript itself has/u,
    },
  ),
  file(
    "error-prepare-throws",
    `Error.prepareStackTrace = () => { throw new Error("prepare"); };\nw.mul(2).sum().backward(); w.matmul(ones([3]));`,
    {
      status: 2,
      says: /matmul/u,
    },
  ),
  file("error-stack-limit-0", `Error.stackTraceLimit = 0;\nw.mul(2).sum().backward(); w.matmul(ones([3]));`, {
    status: 2,
    says: /error-stack-limit-0\.ts:5/u,
  }),
  file(
    "error-frozen",
    `Object.freeze(Error); Object.freeze(Error.prototype);\nw.mul(2).sum().backward(); w.matmul(ones([3]));`,
    {
      status: 2,
      says: /error-frozen\.ts:5/u,
    },
  ),
  file(
    "intrinsics-frozen",
    `for (const c of [Object, Array, Map, Set, Promise, Function, Error, Float32Array]) { Object.freeze(c); Object.freeze(c.prototype); }\nw.mul(2).sum().backward();`,
    {
      status: 0,
    },
  ),
  file(
    "symbol-species",
    `class Odd extends Array { static get [Symbol.species]() { return class { constructor() { throw new Error("species"); } }; } }
tensor(Odd.from([1, 2, 3]) as number[]).sum(); ones(Odd.from([2, 2]) as number[]).sum(); w.sum().backward();`,
    {
      status: 0,
    },
  ),
  file(
    "typed-array-species",
    `class Odd extends Float32Array { static get [Symbol.species]() { return Uint8Array as any; } }
console.log(tensor(new Odd([1.5, 2.5])).sum().item()); w.sum().backward();`,
    {
      status: 0,
      says: /^4$/mu,
    },
  ),
  file("to-primitive", `console.log(w.mul({ valueOf() { return 3; } } as any).sum().item());`, {
    status: 2,
    says: /:4/u,
  }),
  file("array-with-holes", `tensor([1, , 3] as number[]);`, { status: 2, says: /:4/u }),
  file(
    "array-with-getter",
    `const a = [1, 2]; Object.defineProperty(a, 1, { get() { a.length = 0; return 5; } }); console.log(tensor(a).shape); w.sum().backward();`,
    {
      status: 0,
    },
  ),
  file("array-cyclic", `const a: any[] = []; a.push(a); tensor(a);`, { status: 2, says: /array-cyclic\.ts:4/u }),
  file("proxy-tensor", `const p = new Proxy(w, {}); p.mul(2).sum().backward();`, {
    status: 2,
    says: /proxy-tensor\.ts:4/u,
    never: /private member/u,
  }),
  file(
    "proxy-with-a-name",
    `const trap = (): never => { throw new Error("asked"); };
const traps = { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap };
const one = new Proxy({}, traps), list = new Proxy([], traps), call = new Proxy(() => 1, traps), child = Object.create(one);
const all = [one, list, child]; w.sum().backward(); void [call, all];`,
    { status: 0 },
  ),
  file(
    "proxy-tensor-as-argument",
    `const p = new Proxy(ones([2]), { get: (t, k, r) => Reflect.get(t, k, t) }); w.mul(p).sum().backward();`,
    { status: 0 },
  ),
  file("tensor-by-create", `const fake = Object.create(backstep.Tensor.prototype); w.mul(fake).sum().backward();`, {
    status: 2,
    says: /tensor-by-create\.ts:4/u,
  }),
  file(
    "tensor-subclassed",
    `class Mine extends backstep.Tensor { extra() { return 1; } }
try { console.log(new (Mine as any)([1, 2])); } catch (e) { console.log("refused:", (e as Error).message); } w.sum().backward();`,
    {
      status: 0,
    },
  ),
  file(
    "tensor-prototype-changed",
    `const neg = backstep.Tensor.prototype.neg; backstep.Tensor.prototype.neg = function () { return neg.call(this).neg(); };`,
    { status: 0 },
  ),
  file("tensor-method-on-other", `backstep.Tensor.prototype.mul.call({}, 2 as any);`, {
    status: 2,
    says: /tensor-method-on-other\.ts:4/u,
  }),
  file("tensor-frozen", `Object.freeze(w); w.mul(2).sum().backward(); console.log(w.grad!.sum().item());`, {
    status: 0,
  }),
  file("tensor-sealed-result", `const y = Object.freeze(w.mul(2)); y.sum().backward(); y.retainGrad?.();`, {
    status: 0,
  }),
  file(
    "module-cyclic",
    `class Net extends nn.Module { self = this; inner: any; constructor() { super(); this.inner = this; } forward(x: any) { return x; } }
const net = new Net(); console.log([...net.parameters()].length, String(net).length > 0); w.sum().backward();`,
    { status: 0 },
  ),
  file(
    "module-circle-of-two",
    `class A extends nn.Module { b: any; fc = new nn.Linear(2, 2); forward(x: any) { return this.fc.forward(x); } }
const a = new A(), b = new A(); a.b = b; b.b = a; console.log([...a.parameters()].length, String(a).length < 1e5); a.train(); a.forward(w).sum().backward();`,
    { status: 0 },
  ),
  file("module-frozen", `const fc = Object.freeze(new nn.Linear(2, 2)); fc.forward(w).sum().backward(); fc.eval();`, {
    status: 2,
    says: /module-frozen\.ts:4/u,
  }),
  file(
    "module-proxied",
    `const fc = new Proxy(new nn.Linear(2, 2), {}); fc.forward(w).sum().backward(); console.log([...fc.parameters()].length);`,
    { status: 2, says: /module-proxied\.ts:4.*Proxy/u },
  ),
  file(
    "module-getter-throws",
    `class Net extends nn.Module { get oops() { throw new Error("oops"); } fc = new nn.Linear(2, 1); forward(x: any) { return this.fc.forward(x); } }
const net = new Net(); [...net.namedParameters()]; net.forward(w).sum().backward();`,
    { status: 0 },
  ),
  file(
    "module-forward-is-getter",
    `class Net extends nn.Module { get forward() { return (x: any) => x.mul(2); } }
new Net().forward(w).sum().backward();`,
    { status: 0 },
  ),
  file(
    "module-of-null-prototype",
    `const net: any = Object.create(null); Object.assign(net, new nn.Linear(2, 2)); net.forward?.(w); w.sum().backward();`,
    { status: 0 },
  ),
  file("label-huge", `w.label = "x".repeat(5e7); w.mul(2).sum().backward();`, { status: 0 }),
  file("label-control", `w.label = "a\\u001b[2J\\u0007\\u202Eb\\r\\n\\u0000c"; w.mul(2).sum().backward();`, {
    status: 0,
    never: ORDERS,
  }),
  file("label-lone-surrogate", `w.label = "a\\uD800b"; w.mul(2).sum().backward();`, { status: 0 }),
  file(
    "label-not-a-string",
    `(w as any).label = { toString() { throw new Error("label"); } }; w.mul(2).sum().backward();`,
    { status: 0 },
  ),
  file(
    "label-proto",
    `w.label = "__proto__"; const v = tensor([1], { requiresGrad: true }); w.sum().add(v.sum()).backward();`,
    { status: 0, says: /__proto__/u },
  ),
  file(
    "function-name-control",
    `const Odd = { ["a\\u001b[31m\\u202E"]: class extends autograd.Function { static forward(_: any, x: any) { return x.mul(2); } static backward(_: any, g: any) { return g.mul(3); } } }["a\\u001b[31m\\u202E"]!; (Odd as any).apply(w).sum().backward();`,
    { status: 1, never: ORDERS },
  ),
  file(
    "function-name-huge",
    `const n = "F".repeat(1e6); const Odd = { [n]: class extends autograd.Function { static forward(_: any, x: any) { return x.mul(2); } static backward(_: any, g: any) { return g.mul(3); } } }[n]!; (Odd as any).apply(w).sum().backward();`,
    { status: 1, never: /F{10000}/u },
  ),
  file(
    "function-without-name",
    `const Odd = (() => class extends autograd.Function { static forward(_: any, x: any) { return x.mul(2); } static backward(_: any, g: any) { return g.mul(2); } })(); (Odd as any).apply(w).sum().backward();`,
    { status: 0 },
  ),
  file(
    "function-name-is-a-method",
    `class Odd extends autograd.Function { static override name(): any { return 3; } static forward(_: any, x: any) { return x.mul(2); } static backward(_: any, g: any) { return g.mul(2); } } (Odd as any).apply(w).sum().backward();`,
    { status: 0 },
  ),
  file("message-control", `throw new Error("red \\u001b[31m and \\u202E back");`, {
    status: 2,
    never: ORDERS,
  }),
  file("message-huge", `throw new Error("y".repeat(2e8));`, { memory: 2 ** 31, status: 2, never: /y{1000000}/u }),
  file(
    "message-getter",
    `const e = new Error("x"); Object.defineProperty(e, "message", { get() { for (;;); } }); throw e;`,
    { status: 2 },
  ),
  file(
    "stack-getter",
    `const e = new Error("x"); Object.defineProperty(e, "stack", { get() { throw new Error("stack"); } }); throw e;`,
    { status: 2 },
  ),
  file("error-cause-circle", `const e: any = new Error("a"); e.cause = e; throw e;`, { status: 2, says: /Error: a/u }),
  file("thenable-thrown", `throw { then() { for (;;); } };`, { status: 2 }),
  file("rejected-later", `w.sum().backward(); setTimeout(() => Promise.reject(undefined), 1);`, { status: 2 }),
  // Modules.
  {
    name: "await-in-a-circle",
    source: `import { a } from "./b.ts";\n${PASS}export const b = await Promise.resolve(1); console.log(a);`,
    beside: {
      "b.ts": `import { b } from "./await-in-a-circle.ts";\nexport const a = await Promise.resolve(2); export const read = () => b;`,
    },
    status: 0,
  },
  {
    name: "await-each-other",
    source: `${PASS}export const b = 1; await import("./b.ts");`,
    beside: { "b.ts": `await import("./await-each-other.ts");` },
    status: 2,
    says: /never settled/u,
  },
  {
    name: "imports-itself",
    source: `${PASS}import * as self from "./imports-itself.ts"; export const x = 1; console.log(Object.keys(self).length); await import("./imports-itself.ts?again").catch((e) => console.log(e.message));`,
    status: 2,
    says: /never settled/u,
  },
  {
    name: "imports-itself-for-ever",
    source: `${PASS}const n = Number(new URL(import.meta.url).searchParams.get("n")); if (n < 40) await import("./imports-itself-for-ever.ts?n=" + (n + 1));`,
    status: 0,
  },
  { name: "awaits-itself", source: `${PASS}await import("./awaits-itself.ts");`, status: 2, says: /never settled/u },
  {
    name: "imports-a-folder",
    source: `import "./folder";\n`,
    beside: { "folder/x.ts": "" },
    status: 2,
    says: /imports-a-folder\.ts:1/u,
  },
  { name: "imports-data-url", source: `import "data:text/javascript,export default 1";\n${PASS}`, status: 0 },
  { name: "imports-http", source: `import "http://localhost:1/x.js";\n`, status: 2, says: /imports-http\.ts:1/u },
  { name: "imports-nul", source: `await import("./a\\0b.ts");\n`, status: 2, says: /imports-nul\.ts:1/u },
  { name: "imports-empty", source: `import "";\n`, status: 2, says: /imports-empty\.ts:1/u },
  { name: "imports-itself-by-case", source: `import "./IMPORTS-ITSELF-BY-CASE.ts";\n`, status: 2, says: /:1/u },
  {
    name: "imports-wasm",
    source: `import "./a.wasm";\n${PASS}`,
    beside: { "a.wasm": "not wasm" },
    status: 2,
    says: /imports-wasm\.ts:1|a\.wasm/u,
  },
  {
    name: "imports-binary",
    source: `import "./a.node";\n${PASS}`,
    beside: { "a.node": "not a library" },
    status: 2,
    says: /imports-binary\.ts:1|a\.node/u,
  },
  {
    name: "json-huge-depth",
    source: `import v from "./v.json";\n${PASS}console.log(typeof v);`,
    beside: { "v.json": "[".repeat(1e5) + "]".repeat(1e5) },
    status: 0,
  },
  {
    name: "json-proto",
    source: `import v from "./v.json";\n${PASS}console.log(Object.keys(v));`,
    beside: { "v.json": `{"__proto__": 1, "default": 2, "a-b": 3, "": 4}` },
    status: 0,
  },
  {
    name: "requires-esm",
    source: `const { tensor } = require("backstep"); tensor([1], { requiresGrad: true }).mul(2).backward();`,
    status: 0,
  },
  // Bytes.
  { name: "bom", source: `${BOM}${PASS}`, status: 0 },
  { name: "bom-throws", source: `${BOM}throw new Error("at one");`, status: 2, says: /bom-throws\.ts:1:7/u },
  {
    name: "crlf",
    source: `${PASS.replaceAll("\n", "\r\n")}throw new Error("line four");`,
    status: 2,
    says: /crlf\.ts:4:/u,
  },
  {
    name: "cr-only",
    source: `${PASS.replaceAll("\n", "\r")}throw new Error("line four");`,
    status: 2,
    says: /cr-only\.ts:4:/u,
  },
  {
    name: "line-separators",
    source: `${PASS.replaceAll("\n", "\u2028")}throw new Error("line four");`,
    status: 2,
    says: /line-separators\.ts:/u,
  },
  { name: "nul-bytes", source: `${PASS}\0\0\0`, status: 2, says: /nul-bytes\.ts:4/u },
  { name: "nul-in-string", source: `${PASS}console.log("a\0b".length);`, status: 0, says: /^3$/mu },
  { name: "utf16", source: Buffer.from(`${BOM}${PASS}`, "utf16le"), status: 2, says: /utf16\.ts/u },
  {
    name: "not-utf8",
    source: Buffer.concat([Buffer.from(PASS), Buffer.from([0xff, 0xfe, 0xc0])]),
    status: 2,
    says: /not-utf8\.ts:4/u,
  },
  { name: "empty", source: "", status: 0, says: /never called backward/u },
  { name: "only-a-shebang", source: "#!/usr/bin/env backstep", status: 0 },
  {
    name: "shebang",
    source: `#!/usr/bin/env backstep\n${PASS}throw new Error("five");`,
    status: 2,
    says: /shebang\.ts:5:/u,
  },
  {
    name: "hundred-megabytes",
    source: `${PASS}// ${"x".repeat(100_000_000)}\n`,
    status: 0,
    long: true,
    memory: 2 ** 31,
  },
  {
    name: "line-of-megabytes",
    source: `${PASS}const s = "${"y".repeat(5_000_000)}"; console.log(s.length);`,
    status: 0,
  },
  {
    name: "unicode-escapes",
    source: `${PASS}const \\u0061bc = w.mul(2); abc.sum().backward(); const 変数 = w.mul(3); 変数.sum().backward();`,
    status: 0,
  },
  {
    name: "name with space ü 日本",
    source: `${PASS}throw new Error("x");`,
    status: 2,
    says: /name with space ü 日本\.ts:4/u,
  },
  { name: "100% #1?", source: `${PASS}throw new Error("x");`, status: 2, says: /100% #1\?\.ts:4/u },
  { name: "name\nwith\tcontrol\u001b[31m", source: `${PASS}throw new Error("x");`, status: 2, never: ORDERS },
  { name: "name-\u202Eright-to-left", source: `${PASS}throw new Error("x");`, status: 2, never: /\u202E/u },
  { name: "-dash", source: PASS, status: 0, arguments: [] },
  // Extensions and what package.json says.
  { name: "a.mts", source: PASS, status: 0 },
  {
    name: "a.cts",
    source: `const { tensor } = require("backstep") as typeof import("backstep");\ntensor([1], { requiresGrad: true }).mul(2).sum().backward();`,
    status: 0,
  },
  { name: "a.tsx", source: PASS, status: 0 },
  { name: "a.mjs", source: PASS, status: 0 },
  {
    name: "a.cjs",
    source: `const { tensor } = require("backstep");\ntensor([1], { requiresGrad: true }).mul(2).sum().backward();`,
    status: 0,
  },
  { name: "a.js", source: PASS, status: 0 },
  { name: "a.MTS", source: PASS, status: 0 },
  { name: "a.JS", source: PASS, status: 0 },
  { name: "a.jsx", source: PASS, status: 0 },
  { name: "a.d.ts", source: "export declare const a: number;", status: 0 },
  { name: "a.txt", source: PASS, status: 2, says: /a\.txt|\.ts|extension/u },
  { name: "no-extension.", source: PASS, status: 2 },
  ...["commonjs", "module", "nonsense", "", "__proto__"].map((type, i): HostileFile => ({
    name: `type-${i}/model`,
    source: PASS,
    beside: { [`type-${i}/package.json`]: JSON.stringify({ type }) },
    status: 0,
  })),
  ...[
    "",
    "{",
    "null",
    "[]",
    "3",
    `{"type": 3}`,
    `{"type": {"a": 1}}`,
    `{"name": "backstep", "exports": {".": "./x.js"}}`,
    `{"imports": {"#x": 3}}`,
  ].map((text, i): HostileFile => ({
    name: `package-${i}/model`,
    source: PASS,
    beside: { [`package-${i}/package.json`]: text },
    status: 0,
  })),
  ...[
    "",
    "{",
    "null",
    `{"extends": "./tsconfig.json"}`,
    `{"compilerOptions": {"paths": {"*": 3}, "baseUrl": 4, "experimentalDecorators": "yes"}}`,
    `{"compilerOptions": null}`,
  ].map((text, i): HostileFile => ({
    name: `tsconfig-${i}/model`,
    source: PASS,
    beside: { [`tsconfig-${i}/tsconfig.json`]: text },
    status: 0,
  })),
  // Sizes.
  file("scalars-100000", `let x = w.sum(); for (let i = 0; i < 1e5; i++) x = x.add(1); x.backward();`, {
    command: "run",
    status: 0,
  }),
  file("scalars-1000000", `let x = w.sum(); for (let i = 0; i < 1e6; i++) x = x.add(1); x.backward();`, {
    command: "run",
    status: 0,
    long: true,
  }),
  file(
    "cat-wide",
    `const parts = Array.from({ length: 20_000 }, (_, i) => w.mul(i)); backstep.cat(parts).sum().backward();`,
    { status: 0 },
  ),
  file("stack-nested-lists", `let list: any = 1; for (let i = 0; i < 1e5; i++) list = [list]; tensor(list);`, {
    status: 2,
    says: /stack-nested-lists\.ts:4/u,
  }),
  file("zero-elements", `const z = ones([0, 3]).requiresGrad_(); z.sum().backward();`, { status: 0 }),
  file("size-overflow", `ones([2 ** 31, 2 ** 31]);`, { status: 2, says: /size-overflow\.ts:4/u }),
  file("size-4-gib", `ones([2 ** 30]);`, { status: 2, says: /size-4-gib\.ts:4/u }),
  file("size-fraction", `ones([1.5]);`, { status: 2, says: /:4/u }),
  file("size-negative", `ones([-1]);`, { status: 2, says: /:4/u }),
  file("expand-huge", `w.sum().expand([1e6, 1e6]).sum().backward();`, { status: 0 }),
  file("repeat-huge", `w.repeat([1e9]);`, { status: 2, says: /:4/u }),
  file("pad-huge", `backstep.F.pad(w, [1e9, 1e9]);`, { status: 2, says: /:4/u }),
  file("arange-endless", `backstep.arange(0, 1, 1e-300);`, { status: 2, says: /:4/u }),
  file("one-hot-huge", `backstep.F.oneHot(tensor([1e9], { dtype: "int64" }));`, { status: 2, says: /:4/u }),
  file(
    "keeps-every-graph",
    `const kept: any[] = []; for (let i = 0; i < 3000; i++) { const y = w.mul(i).sum(); kept.push(y); y.backward({ retainGraph: true }); }`,
    { command: "run", status: 0 },
  ),
  // Functions run again.
  {
    name: "function-async",
    source: withFunction("return Promise.resolve(x);", "return g;"),
    status: 2,
    says: /function-async\.ts/u,
  },
  {
    name: "function-returns-proxy",
    source: withFunction("return new Proxy(x.mul(2), {});", "return g.mul(2);"),
    status: 2,
    says: /function-returns-proxy\.ts/u,
  },
  {
    name: "function-backward-inside",
    source: withFunction(
      "w0.mul(2).sum().backward(); return x.mul(2);",
      "return g.mul(2);",
      "const w0 = tensor([1], { requiresGrad: true });",
    ),
    status: 2,
    says: /function-backward-inside\.ts:4/u,
  },
  {
    name: "function-throws-proxy",
    source: withFunction(
      "if (runs++ > 0) throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } }); return x.mul(2);",
      "return g.mul(2);",
      "let runs = 0;",
    ),
    status: 0,
  },
  {
    name: "function-exits-hard",
    source: withFunction(
      "if (runs++ > 0) process.kill(process.pid, 'SIGKILL'); return x.mul(2);",
      "return g.mul(2);",
      "let runs = 0;",
    ),
    status: 2,
    says: /SIGKILL/u,
  },
  {
    name: "function-aborts",
    source: withFunction("if (runs++ > 0) process.abort(); return x.mul(2);", "return g.mul(2);", "let runs = 0;"),
    status: 0,
  },
  {
    name: "function-endless",
    source: withFunction("if (runs++ > 0) for (;;); return x.mul(2);", "return g.mul(2);", "let runs = 0;"),
    status: 0,
    says: /ended when it had run/u,
  },
  {
    name: "function-recurses",
    source: withFunction(
      "if (runs++ > 0) { const f = (): any => f() + 1; f(); } return x.mul(2);",
      "return g.mul(2);",
      "let runs = 0;",
    ),
    status: 0,
  },
  {
    name: "function-prints",
    source: withFunction("console.log('again'.repeat(1000)); return x.mul(2);", "return g.mul(2);"),
    status: 0,
  },
  {
    name: "hook-throws",
    source: `${PASS}const h = w.mul(2); h.registerHook(() => { throw undefined; }); h.sum().backward();`,
    status: 2,
    says: /hook-throws\.ts:4/u,
  },
  {
    name: "hook-backward-endless",
    source: `${PASS}const h = w.mul(2); h.registerHook(() => { w.mul(3).sum().backward(); }); h.sum().backward();`,
    // As in PyTorch, nothing is recorded in a hook unless the pass is to be differentiated again.
    status: 2,
    says: /hook-backward-endless\.ts:\d+:\d+: backward: this tensor does not require a gradient/u,
  },
  {
    name: "hook-recursion",
    source: `${PASS}const go = (): void => { const h = w.mul(2); h.registerHook(() => go()); h.sum().backward(); }; go();`,
    status: 2,
    says: /hook-recursion\.ts:4/u,
  },
  // The process.
  file("chdir", `try { process.chdir("/"); } catch (e) { console.log((e as Error).message); } w.sum().backward();`, {
    status: 0,
  }),
  file("kills-parent", `w.sum().backward();\nprocess.kill(process.ppid, "SIGTERM");`, {
    status: 2,
    says: /kills-parent\.ts:5:9: process\.kill\(\d+\): this would end what runs the file/u,
  }),
  file("kills-group", `process.kill(0); w.sum().backward();`, { status: 2, says: /would end what runs the file/u }),
  file("asks-for-parent", `process.kill(process.ppid, 0); w.sum().backward();`, { status: 0 }),
  ...["TERM", "HUP", "USR2", "ALRM", "XCPU"].map((signal) =>
    file(
      `has-parent-killed-by-${signal.toLowerCase()}`,
      `import { execSync } from "node:child_process"; w.sum().backward();
execSync(\`kill -${signal} \${process.ppid}\`); setTimeout(() => {}, 30_000);`,
      { status: 2, says: new RegExp(`^backstep: ended by the signal SIG${signal}\n`, "u"), long: signal !== "TERM" },
    ),
  ),
  file("ends-itself", `process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 5000);`, { status: 2 }),
  file("disconnects", `(process as any).disconnect?.(); (process as any).send?.("x"); w.sum().backward();`, {
    status: 0,
  }),
  file(
    "parent-port-closed",
    `import { parentPort } from "node:worker_threads"; parentPort?.close(); w.sum().backward();`,
    { status: 0 },
  ),
  file(
    "parent-port-garbage",
    `import { parentPort, workerData } from "node:worker_threads"; parentPort?.postMessage({ type: "ended" }); parentPort?.postMessage(null); parentPort?.postMessage({ type: "stopped", reason: 3 }); console.log(typeof workerData); w.sum().backward();`,
    { status: 0 },
  ),
  file(
    "listeners-removed",
    `process.removeAllListeners("uncaughtException"); process.removeAllListeners("beforeExit"); process.removeAllListeners("unhandledRejection"); w.sum().backward(); throw new Error("still told");`,
    { status: 2, says: /still told/u },
  ),
  file("emits-exit", `process.emit("beforeExit", 0); w.sum().backward(); process.emit("exit" as any, 3);`, {
    status: 2,
  }),
  file("really-exits", `(process as any).reallyExit(0);`, { status: 2 }),
  file("stdout-ended", `process.stdout.end(); process.stdout.destroy(); console.log("after"); w.sum().backward();`, {
    status: 0,
  }),
  file("console-replaced", `(globalThis as any).console = null; w.sum().backward();`, { status: 0 }),
  file(
    "inspector-opened",
    `import inspector from "node:inspector"; const s = new inspector.Session(); s.connect(); s.post("Debugger.enable"); w.sum().backward(); s.disconnect();`,
    { status: 0 },
  ),
  file(
    "more-elements-than-32-bits-count",
    `w.sum().backward(); console.log(ones([1]).expand([2 ** 20, 2 ** 12]).sum().item());`,
    {
      status: 2,
      says: /a tensor has at most 2147483647 elements/u,
    },
  ),
  file("debugger-statement", `debugger; w.sum().backward();`, { status: 0 }),
  file(
    "wasm-own-memory",
    `new WebAssembly.Memory({ initial: 65536, maximum: 65536, shared: true }); w.sum().backward();`,
    { status: 0 },
  ),
  file(
    "v8-flags",
    `import v8 from "node:v8"; v8.setFlagsFromString("--stack-size=200"); v8.setFlagsFromString("--no-opt"); w.sum().backward();`,
    { status: 0 },
  ),
  file(
    "detached-child",
    `import { spawn } from "node:child_process"; spawn("sleep", ["5"], { stdio: "inherit" }).unref(); w.sum().backward(); process.exit(0);`,
    { status: 0, memory: 2 ** 31, long: true },
  ),
];
