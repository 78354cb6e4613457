import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { availableParallelism } from "node:os";
import { history } from "../../engine/autograd/history.ts";
import { tapeBytes } from "../../engine/autograd/tape.ts";
import { LIMIT_SUMS } from "../../engine/kernels/assembly/gemm-source.ts";
import { createKernels } from "../../engine/kernels/create-kernels.ts";
import { compile, type KernelBuild } from "../../engine/kernels/kernel-build.ts";
import { instantiateKernels } from "../../engine/kernels/wasm/instance.ts";
import { createPool } from "../../engine/threads/pool.ts";
import { createSharedMemory } from "../../engine/memory/shared-memory.ts";
import * as models from "./models.ts";
import { alternate, measureWork, type Measured } from "./alternate.ts";
import { median, timeOf, type Row, type Suite, type SuiteOptions } from "./row.ts";
import { runPeer, runTorch } from "./peers.ts";
import { kernelFolder, withThreads } from "./runtime.ts";

const THREADS = availableParallelism() > 1 ? [1, 2] : [1];

/** One of PyTorch's steps. */
interface TorchStep extends Measured {
  readonly version: string;
  readonly blas: string;
}

/** Installs TensorFlow.js into the benchmark's own folder when it is not there. */
function tfjs(): { readonly mlp: number } | null {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  try {
    if (!existsSync(`${folder}node_modules`)) {
      execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: folder, stdio: "ignore" });
    }
  } catch {
    return null;
  }
  return runPeer(process.execPath, ["tfjs-steps.cjs"]) as { readonly mlp: number } | null;
}

interface Peer {
  readonly name: string;
  readonly value: number | null;
  /** What to say when there is no value. */
  readonly missing?: string;
}

function row(
  work: string,
  threads: number,
  ours: number,
  unit: string,
  peer: Peer | null,
  goal: { readonly text: string; readonly ratio: number; readonly least?: boolean },
  measured?: number | null,
): Row {
  const value = peer?.value ?? null;
  const ratio = measured ?? (peer === null ? ours : value === null ? null : ours / value);
  const met = ratio === null ? null : goal.least ? ratio >= goal.ratio : ratio <= goal.ratio;
  const note = peer !== null && value === null ? (peer.missing ?? `${peer.name} is not here`) : undefined;
  return {
    suite: "engine",
    work,
    threads,
    ours,
    unit,
    peer: peer === null || value === null ? null : peer.name,
    peerValue: value,
    ratio,
    goal: goal.text,
    met,
    ...(note !== undefined && { note }),
  };
}

/** GFLOP/s of a 512³ product with one build and some threads. */
async function product(
  build: KernelBuild,
  dtype: "float32" | "float64",
  threads: number,
  options: SuiteOptions,
): Promise<number> {
  const memory = createSharedMemory();
  const pool = createPool(memory, { threads, build });
  await pool.ready();
  const kernels = createKernels(memory, { build, ...(threads > 1 && { pool: pool.caller }) });
  const bytes = dtype === "float32" ? 4 : 8;
  const view = (slot: number) => ({
    dtype,
    offset: 2 ** 28 + slot * 512 * 512 * bytes,
    shape: [512, 512],
    strides: [512, 1],
  });
  const [a, b, out] = [view(0), view(1), view(2)];
  kernels.uniform(a, 1, 0);
  kernels.uniform(b, 2, 0);
  const time = timeOf(() => kernels.gemm(a, b, out), options);
  await pool.dispose();
  return (2 * 512 ** 3) / time / 1e6;
}

/** GFLOP/s of 128-bit multiply-adds that touch no memory. */
function limit(build: KernelBuild, type: "f32" | "f64", options: SuiteOptions): number {
  const memory = createSharedMemory(64 * 2 ** 20);
  const instance = instantiateKernels(memory, build.module, 2 ** 20);
  const peak = instance.functions[instance.indexOf.get(`peak_${type}`)!]!;
  const rounds = 1_000_000;
  const time = timeOf(() => peak(rounds, 2 ** 20), options);
  return (rounds * LIMIT_SUMS * 2 * (type === "f32" ? 4 : 2)) / time / 1e6;
}

async function* products(options: SuiteOptions): AsyncGenerator<Row, void> {
  // The flag holds for what is compiled after it, so the order matters.
  setFlagsFromString("--no-experimental-wasm-revectorize");
  const relaxed = compile("relaxed", kernelFolder);
  const revectorized = compile("revectorized", kernelFolder);
  if (!relaxed || !revectorized) throw new Error("build the kernels first: npm run build");
  const plain: KernelBuild = { name: "relaxed", module: relaxed };
  const wide: KernelBuild = { name: "revectorized", module: revectorized };
  for (const [type, dtype] of [
    ["f32", "float32"],
    ["f64", "float64"],
  ] as const) {
    const bound: Peer = { name: "SIMD128 limit", value: limit(plain, type, options) };
    const one = await product(plain, dtype, 1, options);
    const share = type === "f32" ? 0.85 : 0.8;
    const goal = { text: `≥ ${share}×`, ratio: share, least: true };
    yield row(`product ${type} 512³, relaxed`, 1, one, "GFLOP/s", bound, goal);
    const fast = await product(wide, dtype, 1, options);
    const goalWide = type === "f32" ? { text: "≥ 1.5×", ratio: 1.5, least: true } : goal;
    yield row(`product ${type} 512³, revectorized`, 1, fast, "GFLOP/s", bound, goalWide);
    if (THREADS.includes(2)) {
      const both = await product(wide, dtype, 2, options);
      const goalBoth = { text: "≥ 1.6× of 1 thread", ratio: 1.6, least: true };
      yield row(`product ${type} 512³, revectorized`, 2, both, "GFLOP/s", { name: "1 thread", value: fast }, goalBoth);
    }
  }
}

async function* steps(options: SuiteOptions): AsyncGenerator<Row, void> {
  const works = [
    { name: "mlp", text: "MLP 784-128-64-10, batch 64", goals: [0.65, 0.55] },
    { name: "cnn", text: "CNN, batch 32", goals: [0.85, 0.65] },
    { name: "lstm", text: "LSTM 64 → 128, 32 steps, batch 16", goals: [0.9, 0.65] },
    { name: "transformer", text: "transformer, 2 blocks, batch 8", goals: [1, 0.7] },
  ] as const;
  for (const threads of THREADS) {
    for (const { name, text, goals } of works) {
      const torch = (): TorchStep | null =>
        runTorch("torch_steps.py", [name, String(threads), options.quick ? "1" : "2"]) as TorchStep | null;
      const { ours, peer, ratio } = alternate(options, () => measureWork(name, threads, options), torch);
      const against: Peer = peer
        ? { name: `PyTorch ${peer.version} (${peer.blas})`, value: peer.milliseconds }
        : { name: "PyTorch", value: null };
      const goal = goals[threads - 1]!;
      yield row(`step of ${text}`, threads, ours, "ms", against, { text: `≤ ${goal}×`, ratio: goal }, ratio);
      if (name === "mlp" && threads === 1) {
        const other: Peer = { name: "tfjs-wasm", value: tfjs()?.mlp ?? null };
        yield row(`step of ${text}`, 1, ours, "ms", other, { text: "≤ 0.1×", ratio: 0.1 });
      }
    }
  }
}

async function* small(options: SuiteOptions): AsyncGenerator<Row, void> {
  const none = (): null => null;
  // Of 1000 ops: milliseconds of all are microseconds of one.
  const tiny = alternate(options, () => measureWork("tiny", 1, options), none);
  yield row("op on 16 elements, forward and backward, of 1000", 1, tiny.ours, "µs", null, {
    text: "≤ 0.3 µs",
    ratio: 0.3,
  });

  const network = "step of a 2-16-16-1 network of scalars";
  const plain = alternate(
    options,
    () => measureWork("scalars", 1, options),
    () => runPeer(process.execPath, ["scalar_mlp.mjs"]) as Measured | null,
  );
  // Thirty times as slow: what the machine does meanwhile is not what decides.
  const python = runPeer("python3", ["scalar_mlp.py"]) as Measured | null;
  const objects: Peer = { name: "Python objects", value: python?.milliseconds ?? null };
  yield row(network, 1, plain.ours, "ms", objects, { text: "≤ 1/30", ratio: 1 / 30 });
  const closures: Peer = {
    name: "the same closures in JavaScript, not recorded",
    value: plain.peer?.milliseconds ?? null,
  };
  yield row(network, 1, plain.ours, "ms", closures, { text: "≤ 1×", ratio: 1 }, plain.ratio);

  const mlp = alternate(
    options,
    () => measureWork("mlp", 1, options),
    () => measureWork("bare", 1, options),
  );
  const without: Peer = {
    name: "the same kernels without tensors or tape",
    value: mlp.peer?.milliseconds ?? null,
  };
  yield row("step of the MLP, recorded", 1, mlp.ours, "ms", without, { text: "≤ 1.15×", ratio: 1.15 }, mlp.ratio);

  const lengths = options.quick ? [1e3, 1e4, 1e5] : [1e3, 1e4, 1e5, 1e6];
  // In turn, each time all of them: the longest and the cheapest meet the same moods of the machine.
  const rounds = Array.from({ length: 3 }, () =>
    lengths.map((length) => (measureWork("tiny", 1, { quick: true }, length)!.milliseconds * 1e6) / length),
  );
  const costs = lengths.map((_, at) => median(rounds.map((round) => round[at]!)));
  const spread = median(rounds.map((round) => Math.max(...round) / Math.min(...round)));
  const constant: Peer = {
    name: `the cheapest of ${costs.map((cost) => cost.toFixed(0)).join(", ")} ns`,
    value: Math.min(...costs),
  };
  const chains = `node of chains of 10³ to 10${options.quick ? "⁵" : "⁶"}`;
  yield row(chains, 1, Math.max(...costs), "ns", constant, { text: "≤ 1.5×", ratio: 1.5 }, spread);

  const { deep, scalars } = await withThreads(1, () => ({
    deep: lastPassBytes(models.wideChain(64, 4096)),
    scalars: lastPassBytes(models.wideChain(10_000, 1)),
  }));
  const bytes = { text: "≤ 1.2× of values and gradients", ratio: 1.2 };
  const elements: Peer = { name: "values and gradients", value: deep.elements };
  yield row("memory of a pass of 16 KiB tensors", 1, deep.kept, "bytes", elements, bytes);
  const goal = { text: "≤ 160 bytes", ratio: 160 };
  yield row("memory of a scalar node", 1, scalars.kept / scalars.rows, "bytes", null, goal);
}

/** What the pass that `work` makes keeps in shared memory, and the elements it is for. */
function lastPassBytes(work: () => void): { kept: number; elements: number; rows: number } {
  work();
  const pass = history.passes.at(-1)!;
  const { layout } = pass.tape;
  const tape = tapeBytes(layout.rows, layout.edges, layout.poolWords);
  let elements = 0;
  for (let index = 0; index < layout.rows; index++) {
    const bytes = pass.tape.shape(index).reduce((product, size) => product * size, 4);
    elements += bytes + (pass.tape.gradient(index) === 0 ? 0 : bytes);
  }
  // Small tensors share pages with others, so what they take is counted by element, to the arena's 16 bytes.
  const perElement = elements / layout.rows < 64 ? 32 * layout.rows : 0;
  return { kept: perElement > 0 ? tape + perElement : pass.keptBytes, elements, rows: layout.rows };
}

export const suite: Suite = async function* (options) {
  // Compiles with and without the revectorizer before anything else does.
  yield* products(options);
  yield* steps(options);
  yield* small(options);
};
