import { runtime } from "../core/runtime.ts";
import { readElements } from "../core/elements.ts";
import type { Tensor } from "../core/tensor.ts";
import { apply } from "./apply.ts";
import { computeBy } from "./compute-by.ts";
import { defineOp, type Op } from "./op.ts";
import { namedResults, type InOrder } from "./named-results.ts";

type AlongDim = { readonly dim: number };

/** Where the largest (smallest) element so far is, along `dim`; the last of equal ones, as PyTorch gives it. int64. */
function defineRunningPosition(name: "cummax" | "cummin"): Op<AlongDim> {
  return defineOp<AlongDim>({
    id: `${name}.position`,
    name,
    infer: ([x]) => ({ shape: x!.shape, dtype: "int64" }),
    compute: ([x], { dim }, out) => {
      const values = readElements(x!);
      const length = x!.shape[dim] ?? 1;
      const inner = x!.shape.slice(dim + 1).reduce((product, size) => product * size, 1);
      const { f64 } = runtime.memory;
      const start = out.offset / 8;
      for (let i = 0; i < values.length; i++) {
        const at = Math.floor(i / inner) % length;
        const best = at === 0 ? 0 : f64[start + i - inner]!;
        const top = values[i - (at - best) * inner]!;
        const value = values[i]!;
        const wins = name === "cummax" ? value >= top : value <= top;
        f64[start + i] = at === 0 || wins || Number.isNaN(value) ? at : best;
      }
    },
    vjp: [],
    saves: [],
    formula: { forward: `\\operatorname{arg${name.slice(3)}}_{j \\le i} x_j`, backward: [] },
  });
}

export const cummaxPosition = defineRunningPosition("cummax");
export const cumminPosition = defineRunningPosition("cummin");

/** ln Σ_{j ≤ i} e^{x_j}, without overflow. */
export const logcumsumexp: Op<AlongDim> = defineOp<AlongDim>({
  id: "logcumsumexp",
  name: "logcumsumexp",
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  compute: computeBy(([x], { dim }) => {
    if (x!.rank === 0) return x!.clone();
    const entries = x!.unbind(dim);
    const sums = entries.slice(0, 1);
    for (const entry of entries.slice(1)) sums.push(sums[sums.length - 1]!.logaddexp(entry));
    return stackAlong(x!, sums, dim);
  }),
  vjp: [
    (g, at) => {
      const { dim } = at.attributes;
      if (g.rank === 0) return g;
      const [x, y] = [at.input(0), at.output];
      // Σ_{i ≥ j} g_i e^{x_j − y_i}: a matrix along the axis, as y only grows from x_j on.
      const rows = x.transpose(dim, -1).unsqueeze(-1);
      const columns = y.transpose(dim, -1).unsqueeze(-2);
      const weights = rows.sub(columns).clamp({ max: 0 }).exp().triu();
      return weights.mul(g.transpose(dim, -1).unsqueeze(-2)).sum(-1).transpose(dim, -1);
    },
  ],
  saves: [0, "output"],
  formula: { forward: "\\ln \\sum_{j \\le i} e^{x_j}", backward: ["\\sum_{i \\ge j} \\bar y_i\\, e^{x_j - y_i}"] },
});

function stackAlong(like: Tensor, entries: readonly Tensor[], dim: number): Tensor {
  const out = like.newZeros(like.shape);
  entries.forEach((entry, i) => runtime.kernels.copy(entry, out.select(dim, i)));
  return out;
}

/** Values at the positions that a running extreme names. */
export function runningExtreme(
  op: Op<AlongDim>,
  x: Tensor,
  dim: number,
): { readonly values: Tensor; readonly indices: Tensor } & InOrder {
  const indices = apply(op, [x], { dim });
  return namedResults({ values: x.rank === 0 ? x.clone() : x.gather(dim, indices), indices });
}
