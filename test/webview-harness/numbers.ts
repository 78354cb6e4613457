import type { TapeBuilder } from "./tape-builder.ts";

/** A repeatable stream of numbers in [0, 1). */
export function stream(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Values and gradients of every node of a tape, dense, row-major. */
export interface Numbers {
  value(node: number): Float64Array;
  gradient(node: number): Float64Array | null;
  /** What one consumer passed back to `node` at a flat index: upstream × local terms. */
  terms?(node: number, index: number): { consumer: number; at: readonly number[]; upstream: number; local: number }[];
}

/** Runs a tape of matmul (x · wᵀ), add, sub, mul, relu, logSoftmax and nllLoss for real. */
export function computed(tape: TapeBuilder, root: number): Numbers {
  const random = stream(7);
  const gaussian = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const { rows } = tape;
  const values: Float64Array[] = [];
  rows.forEach((row) => {
    const size = sizeOf(row.shape);
    const [a, b] = row.inputs.map((input) => values[input] ?? new Float64Array());
    const fan = row.shape.at(-1) ?? 1;
    const out = new Float64Array(size);
    const shapeOf = (i: number): readonly number[] => rows[row.inputs[i] ?? 0]?.shape ?? [];
    if (row.op === "parameter") {
      for (let i = 0; i < size; i++) out[i] = row.shape.length === 0 ? gaussian() * 3 : gaussian() * Math.sqrt(2 / fan);
    } else if (row.op === "input") {
      for (let i = 0; i < size; i++)
        out[i] = row.dtype === "int64" ? Math.floor(random() * 10) : Math.max(0, gaussian() * 0.5);
    } else if (row.op === "matmul" && a && b) {
      const [m = 0, k = 0] = shapeOf(0);
      const [n = 0] = shapeOf(1);
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let l = 0; l < k; l++) sum += (a[i * k + l] ?? 0) * (b[j * k + l] ?? 0);
          out[i * n + j] = sum;
        }
    } else if (row.op === "add" && a && b) for (let i = 0; i < size; i++) out[i] = (a[i] ?? 0) + (b[i % b.length] ?? 0);
    else if (row.op === "mul" && a && b) for (let i = 0; i < size; i++) out[i] = (a[i] ?? 0) * (b[i % b.length] ?? 0);
    else if (row.op === "relu" && a) {
      // Every fourth unit is dead, as in the mock.
      const n = row.shape.at(-1) ?? 1;
      for (let i = 0; i < size; i++) out[i] = (i % n) % 4 === 3 ? 0 : Math.max(0, a[i] ?? 0);
    } else if (row.op === "logSoftmax" && a) {
      const n = row.shape.at(-1) ?? 1;
      for (let i = 0; i < size; i += n) {
        const slice = a.subarray(i, i + n);
        const top = Math.max(...slice);
        const log = top + Math.log(slice.reduce((sum, x) => sum + Math.exp(x - top), 0));
        for (let j = 0; j < n; j++) out[i + j] = (a[i + j] ?? 0) - log;
      }
    } else if (row.op === "nllLoss" && a && b) {
      const n = shapeOf(0)[1] ?? 1;
      let sum = 0;
      b.forEach((target, i) => (sum -= a[i * n + target] ?? 0));
      out[0] = sum / b.length;
    } else throw new Error(`no numbers for ${row.op}`);
    values.push(out);
  });
  const gradients: (Float64Array | null)[] = rows.map(() => null);
  const into = (node: number): Float64Array => (gradients[node] ??= new Float64Array(values[node]?.length ?? 0));
  into(root)[0] = 1;
  for (let node = root; node >= 0; node--) {
    const row = rows[node];
    const g = gradients[node];
    if (!row?.requiresGrad || !g) continue;
    const [p = 0, q = 0] = row.inputs;
    const a = values[p] ?? new Float64Array();
    const b = values[q] ?? new Float64Array();
    const wants = (input: number): boolean => rows[input]?.requiresGrad ?? false;
    if (row.op === "matmul") {
      const [m = 0, n = 0] = row.shape;
      const k = rows[p]?.shape[1] ?? 0;
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          const up = g[i * n + j] ?? 0;
          if (up === 0) continue;
          if (wants(p)) for (let l = 0; l < k; l++) into(p)[i * k + l]! += up * (b[j * k + l] ?? 0);
          if (wants(q)) for (let l = 0; l < k; l++) into(q)[j * k + l]! += up * (a[i * k + l] ?? 0);
        }
    } else if (row.op === "add" || row.op === "mul") {
      g.forEach((up, i) => {
        if (wants(p)) into(p)[i]! += up * (row.op === "add" ? 1 : (b[i % b.length] ?? 0));
        if (wants(q)) into(q)[i % b.length]! += up * (row.op === "add" ? 1 : (a[i] ?? 0));
      });
    } else if (row.op === "relu") g.forEach((up, i) => (into(p)[i]! += (values[node]?.[i] ?? 0) > 0 ? up : 0));
    else if (row.op === "logSoftmax") {
      const n = row.shape.at(-1) ?? 1;
      const out = values[node] ?? new Float64Array();
      for (let i = 0; i < g.length; i += n) {
        const sum = g.subarray(i, i + n).reduce((total, x) => total + x, 0);
        for (let j = 0; j < n; j++) into(p)[i + j]! += (g[i + j] ?? 0) - Math.exp(out[i + j] ?? 0) * sum;
      }
    } else if (row.op === "nllLoss") {
      const n = rows[p]?.shape[1] ?? 1;
      b.forEach((target, i) => (into(p)[i * n + target]! -= (g[0] ?? 0) / b.length));
    }
  }
  return {
    value: (node) => values[node] ?? new Float64Array(),
    gradient: (node) => gradients[node] ?? null,
    terms(node, index) {
      const found: { consumer: number; at: readonly number[]; upstream: number; local: number }[] = [];
      rows.forEach((row, consumer) => {
        const g = gradients[consumer];
        if (!g || !row.inputs.includes(node)) return;
        if (row.op === "matmul" && row.inputs[0] === node) {
          const k = rows[node]?.shape[1] ?? 1;
          const n = row.shape[1] ?? 1;
          const [i, l] = [Math.floor(index / k), index % k];
          const w = values[row.inputs[1] ?? 0] ?? new Float64Array();
          for (let j = 0; j < n; j++) {
            found.push({ consumer, at: [i, j], upstream: g[i * n + j] ?? 0, local: w[j * k + l] ?? 0 });
          }
        } else if (row.op === "relu") {
          const n = row.shape[1] ?? 1;
          const local = (values[consumer]?.[index] ?? 0) > 0 ? 1 : 0;
          found.push({ consumer, at: [Math.floor(index / n), index % n], upstream: g[index] ?? 0, local });
        } else if (row.op === "add" && row.inputs[0] === node) {
          const n = row.shape[1] ?? 1;
          found.push({
            consumer,
            at: row.shape.length ? [Math.floor(index / n), index % n] : [],
            upstream: g[index] ?? 0,
            local: 1,
          });
        } else if (row.op === "mul") {
          const other = row.inputs[0] === node ? row.inputs[1] : row.inputs[0];
          found.push({ consumer, at: [], upstream: g[index] ?? 0, local: values[other ?? 0]?.[index] ?? 0 });
        }
      });
      return found;
    },
  };
}

const POOL = Float64Array.from({ length: 8192 }, stream(11)).map((x, i, all) => x + (all[(i * 7) % 8192] ?? 0) - 1);

/** Numbers that look like a tape's, made of each node's id: for passes too large to run in a test page. */
export function invented(tape: TapeBuilder): Numbers {
  const make = (node: number, scale: number): Float64Array => {
    const size = Math.min(65536, sizeOf(tape.rows[node]?.shape ?? []));
    // A stretch of one pool, scaled: the page's own work is what is looked at, not this.
    const out = new Float64Array(size);
    const start = (node * 131 + (scale > 0.5 ? 0 : 4000)) % 8192;
    for (let i = 0; i < size; i++) out[i] = (POOL[(start + i) & 8191] ?? 0) * scale;
    return out;
  };
  return {
    value: (node) => make(node, 1),
    gradient: (node) =>
      tape.rows[node]?.requiresGrad ? make(node, 0.02 * Math.exp(-((tape.rows.length - node) % 997) / 200)) : null,
  };
}

/** Numbers of a pass in which everything has become NaN. */
export function allNaN(tape: TapeBuilder): Numbers {
  const make = (node: number): Float64Array => new Float64Array(sizeOf(tape.rows[node]?.shape ?? [])).fill(NaN);
  return { value: make, gradient: (node) => (tape.rows[node]?.requiresGrad ? make(node) : null) };
}

/** As {@link computed}, but from one node on an element is infinite, and NaN in all that comes of it. */
export function spoiled(tape: TapeBuilder, root: number, from: number): Numbers {
  const right = computed(tape, root);
  const reached = new Set([from]);
  tape.rows.forEach((row, node) => {
    if (row.inputs.some((input) => reached.has(input))) reached.add(node);
  });
  return {
    ...right,
    value(node) {
      const value = right.value(node).slice();
      if (reached.has(node)) value[Math.min(5, value.length - 1)] = node === from ? Infinity : NaN;
      return value;
    },
    gradient: (node) => right.gradient(node)?.map(() => NaN) ?? null,
  };
}
