import { PASS, withFunction, type HostileFile } from "./hostile-file.ts";

/** What was once found wrong, each kind by an example. */
export const FILES: readonly HostileFile[] = [
  // Ends that are no end.
  { name: "unsettled-await", source: `${PASS}await new Promise(() => {});`, status: 2, says: /never settled/u },
  { name: "exit-9", source: `${PASS}process.exit(9);`, status: 2, says: /process\.exit\(9\)/u },
  { name: "exit-code-9", source: `${PASS}process.exitCode = 9;`, status: 2, says: /exitCode to 9/u },
  { name: "exit-0", source: `${PASS}process.exit(0);`, status: 0 },
  { name: "no-backward", source: "export {};", status: 0, says: /never called backward/u },
  {
    name: "exits-in-function",
    source: withFunction("if (runs++ > 0) process.exit(0); return x.mul(2);", "return g.mul(2);", "let runs = 0;"),
    status: 0,
    says: /process\.exit/u,
  },
  {
    name: "throws-null-again",
    source: withFunction("if (runs++ > 0) throw null; return x.mul(2);", "return g.mul(2);", "let runs = 0;"),
    status: 0,
    says: /threw null/u,
    never: /TypeError/u,
  },
  {
    name: "random-backward",
    source: withFunction("return x.mul(2);", "return g.mul(randn([2]));", "import { randn } from 'backstep';"),
    status: 1,
    says: /random numbers/u,
    never: /lost precision/u,
  },
  // What is thrown.
  {
    name: "errors-in-a-circle",
    source: `const a = new AggregateError([], "a"), b = new AggregateError([a], "b"); a.errors.push(b); throw a;`,
    status: 2,
    says: /AggregateError: a/u,
  },
  {
    name: "errors-nested",
    source: `const nest = (n: number): Error => n === 0 ? new Error("leaf")
      : new AggregateError(Array.from({ length: 5 }, () => nest(n - 1)), "level " + n);
      throw nest(6);`,
    status: 2,
    memory: 2 ** 31,
  },
  {
    name: "errors-endless-proxy",
    source: `const endless = (): never => { for (;;); };
      throw new AggregateError([new Proxy(new Error("x"), { get: endless, getPrototypeOf: endless })], "two went wrong");`,
    status: 2,
    says: /two went wrong/u,
  },
  // Node itself reads the name of what a file throws, and never comes back.
  ...[
    "new Proxy({}, { get() { for (;;); } })",
    "new Proxy(new Error('x'), { get() { for (;;); } })",
    "{ get name() { for (;;); } }",
    "new (class { get name() { for (;;); } })()",
    "await Promise.reject(new Proxy({}, { get() { for (;;); } }))",
  ].map((value, nth): HostileFile => ({
    name: `throws-endless-${nth}`,
    source: `${PASS}throw ${value};`,
    status: 2,
    says: /:4:\d+: threw something that cannot be looked at/u,
  })),
  ...["null", "undefined", "0", "Symbol('s')", "{ a: 1 }", "Object.create(null)", "() => 1", "1n", "''"].map(
    (value): HostileFile => ({
      name: `throws-${value.replace(/\W+/gu, "-")}`,
      source: `${PASS}throw ${value};`,
      status: 2,
      says: /\.ts:4/u,
    }),
  ),
  { name: "rejects", source: `${PASS}void Promise.reject(new Error("unheard"));`, status: 2, says: /unheard/u },
  {
    name: "recursion",
    source: `${PASS}const f = (n: number): number => f(n + 1) + 1; f(0);`,
    status: 2,
    says: /stack/iu,
  },
  // Sizes.
  {
    name: "nested-3000",
    source: `import { tensor } from "backstep";\ntensor(${"[".repeat(3000)}1${"]".repeat(3000)});`,
    status: 2,
    says: /nested-3000\.ts:\d+.*(?:nest|deep|axes|dimension)/u,
  },
  {
    name: "chained-5000",
    source: `import { tensor } from "backstep";\nconst w = tensor([1, 2], { requiresGrad: true });\nw${".neg()".repeat(5000)}.sum().backward();`,
    status: 0,
  },
  {
    name: "chained-20000",
    source: `import { tensor } from "backstep";\nconst w = tensor([1, 2], { requiresGrad: true });\nw${".neg()".repeat(20_000)}.sum().backward();`,
    status: 2,
    says: /chained-20000\.ts:\d+.*(?:nest|deep|chain)/u,
  },
  {
    name: "seventeen-axes",
    source: `import { ones } from "backstep"; import assert from "node:assert";
      const x = ones(Array(17).fill(2)).cumsum(0); const y = x.permute(...[...Array(17).keys()].reverse()).contiguous();
      assert.equal(y.sum().item(), x.sum().item()); assert.equal(x.mul(2).sum().item(), 2 * x.sum().item());
      assert.equal(x.add(x).sum().item(), 2 * x.sum().item());`,
    status: 0,
  },
  {
    name: "sixty-five-axes",
    source: `import { ones } from "backstep"; ones(Array(65).fill(1));`,
    status: 2,
    says: /64/u,
  },
  ...["b.length", "-3", "1e9", "0.5", "NaN"].map((index): HostileFile => ({
    name: `dataset-get-${index}`,
    source: `import { data, ones } from "backstep"; const b = ones([2]); console.log(new data.TensorDataset(ones([2])).get(${index === "b.length" ? "2" : index}));`,
    status: 2,
  })),
  { name: "shape-pushed", source: `${PASS}(w.shape as number[]).push(9);`, status: 2, says: /extensible|read only/u },
  {
    name: "shape-reversed",
    source: `import { ones } from "backstep"; const w = ones([2, 3]); (w.shape as number[]).reverse();`,
    status: 2,
  },
  {
    name: "interpolate-1e8",
    source: `import { ones, F } from "backstep"; F.interpolate(ones([1, 1, 10]), { size: 1e10 });`,
    status: 2,
  },
  // Alarms that are false.
  ...[
    "tensor([1e5], { requiresGrad: true }).sin().sum()",
    "tensor([0.5], { requiresGrad: true }).mul(1e6).sub(5e5).tanh().sum()",
    "tensor([0.3], { requiresGrad: true }).mul(1e7).cos().sum()",
  ].map((loss, i): HostileFile => ({
    name: `steep-${i}`,
    source: `import { tensor } from "backstep"; ${loss}.backward();`,
    status: 0,
    never: /FAIL/u,
  })),
  {
    name: "loss-infinite",
    source: `import { tensor } from "backstep"; tensor([1000, 0.5], { requiresGrad: true }).exp().sum().backward();`,
    status: 1,
    says: /exp\(1000\) is Inf/u,
  },
  {
    name: "prints-nan",
    source: `${PASS}console.log(w.detach().mul(NaN), String(w.detach().mul(Infinity)));`,
    status: 0,
    says: /NaN.*Infinity|NaN[^]*Infinity/u,
    never: /null/u,
  },
  // Truth that survives bundling.
  {
    name: "module-names",
    source: `import { nn, tensor, Tensor } from "backstep"; console.log(String(new nn.Embedding(3, 2)), Tensor.name, tensor(1).constructor.name);`,
    status: 0,
    says: /^Embedding\([^]*Tensor Tensor/mu,
  },
  { name: "extension.jsx", source: "export const a = <b />;", status: 2, says: /JSX|jsx/u },
  { name: "extension.TS", source: PASS, status: 0, says: /pass/iu },
  // Wrong gradients are still wrong.
  { name: "wrong", source: withFunction("return x.mul(2);", "return g.mul(3);"), status: 1, says: /FAIL/u },
];

const READ = 'import fs from "node:fs"; import { data } from "backstep"; import zlib from "node:zlib"; void zlib;';

/** Data files as they were once read wrong. */
export const DATA: readonly HostileFile[] = [
  {
    name: "csv-of-carriage-returns",
    command: "run",
    source: `${READ} fs.writeFileSync("a.csv", "a,b\\r1,2\\r3,4\\r"); console.log("rows", data.readCsv("a.csv").length);`,
    status: 0,
    says: /rows 2/u,
  },
  {
    name: "csv-with-a-name-twice",
    command: "run",
    source: `${READ} fs.writeFileSync("a.csv", "a,a\\n1,2\\n"); data.readCsv("a.csv");`,
    status: 2,
    says: /twice/u,
  },
  {
    name: "npy-shape",
    command: "run",
    source: `${READ} const head = "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2, 3), }".padEnd(117) + "\\n";
      fs.writeFileSync("a.npy", Buffer.concat([Buffer.from("\\x93NUMPY\\x01\\x00\\x76\\x00" + head, "latin1"), Buffer.alloc(24)])); data.readNpy("a.npy");`,
    status: 2,
    says: /npy-shape\.ts:2/u,
  },
  {
    name: "gz-corrupt",
    command: "run",
    source: `${READ} fs.writeFileSync("a.gz", zlib.gzipSync(Buffer.alloc(100)).fill(7, 12)); data.readIdx("a.gz");`,
    status: 2,
    never: /check the path/u,
  },
  ...(["utf16le", "latin1"] as const).map((encoding): HostileFile => ({
    name: `csv-in-${encoding}`,
    command: "run",
    source: `${READ} fs.writeFileSync("a.csv", Buffer.from("\\uFEFF\\xe9,b\\n1,2\\n".slice(${encoding === "latin1" ? 1 : 0}), "${encoding}"));
      console.log("columns", data.readCsv("a.csv").columns.join());`,
    ...(encoding === "latin1" ? { status: 2, says: /a\.csv is not UTF-8/u } : { status: 0, says: /columns é,b/u }),
  })),
  {
    name: "csv-with-an-open-quote",
    command: "run",
    source: `${READ} fs.writeFileSync("a.csv", 'a\\n1\\n"2\\n3\\n'); data.readCsv("a.csv");`,
    status: 2,
    says: /csv-with-an-open-quote\.ts:1:\d+: readCsv: line \d of a\.csv has a field whose quote/u,
  },
  {
    name: "csv-of-100000-columns",
    command: "run",
    source: `${READ} const names = Array.from({ length: 1e5 }, (_, i) => "c" + i); fs.writeFileSync("a.csv", names.join() + "\\n");
      data.readCsv("a.csv").column("z");`,
    status: 2,
    says: /has no column "z"/u,
    never: /c99999/u,
  },
  {
    name: "npz-for-npy",
    command: "run",
    source: `${READ} fs.writeFileSync("a.npz", "PK\\x03\\x04" + "x".repeat(100)); data.readNpy("a.npz");`,
    status: 2,
    says: /is not an \.npy file/u,
  },
  {
    name: "gz-bomb",
    command: "run",
    // Members of a gzip file follow each other: two megabytes that would fill more than two gigabytes.
    source: `${READ} const part = zlib.gzipSync(Buffer.alloc(2 ** 28)); fs.writeFileSync("a.gz", Buffer.concat(Array(9).fill(part)));
      data.readIdx("a.gz");`,
    status: 2,
    says: /a\.gz has more than 2 GiB when it is unpacked/u,
    long: true,
    memory: 5 * 2 ** 30,
  },
  {
    name: "safetensors-proto",
    command: "run",
    source: `${READ} const head = Buffer.from('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
      const size = Buffer.alloc(8); size.writeBigUInt64LE(BigInt(head.length)); fs.writeFileSync("a.safetensors", Buffer.concat([size, head, Buffer.alloc(4)]));
      console.log("names", Object.keys(data.readSafetensors("a.safetensors")).join(), [...Object.entries(data.readSafetensors("a.safetensors"))].length);`,
    status: 0,
    says: /names __proto__ 1|names {2}|__proto__/u,
  },
];
