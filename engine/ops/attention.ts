import { isGradEnabled } from "../context/grad-mode.ts";
import { EngineError, formatShape } from "../context/engine-error.ts";
import { fromNumbers } from "../core/creation.ts";
import { runtime } from "../core/runtime.ts";
import { broadcastStrides, elementCount, sameShape } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { apply } from "./apply.ts";
import { dense, requireOneFloat } from "./dense.ts";
import { defineOp, type Op } from "./op.ts";
import { select } from "./selection.ts";
import { softmax, softmaxBackward } from "./softmax.ts";

export type AttentionAttributes = {
  readonly scale: number;
  /** Position i attends only to positions up to i. */
  readonly isCausal: boolean;
};

/** So many elements of the scores are in memory at once. */
const BLOCK_ELEMENTS = 2 ** 20;

/** Operands as dense stacks of matrices: q [B, L, E], k [B, S, E], v [B, S, V]; `mask` is added to the scores [B, L, S]. */
interface Matrices {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  readonly mask: Tensor | null;
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
}

function matricesOf(inputs: readonly Tensor[]): Matrices {
  const [q, k, v, mask] = inputs as readonly [Tensor, Tensor, Tensor, Tensor | undefined];
  const count = elementCount(q.shape.slice(0, -2));
  const [rows, columns] = [q.shape.at(-2)!, k.shape.at(-2)!];
  return { q: dense(q), k: dense(k), v: dense(v), mask: mask ? additive(mask, q) : null, count, rows, columns };
}

/** 0 where a boolean mask allows and −∞ where it forbids: the logarithms of 1 and 0. */
function additive(mask: Tensor, { dtype }: Tensor): Tensor {
  if (mask.dtype === dtype) return mask;
  const out = Tensor.empty(mask.shape, dtype);
  runtime.kernels.copy(mask, out);
  if (mask.dtype === "bool") runtime.kernels.unary("log", out, out);
  return out;
}

/** Some rows of matrix `index` of a dense stack. */
function rowsOf(x: Tensor, index: number, from: number, rows: number): View {
  const [height, width] = x.shape.slice(-2) as [number, number];
  const offset = x.offset + (index * height + from) * width * x.elementBytes;
  return { dtype: x.dtype, offset, shape: [rows, width], strides: [width, 1] };
}

/** What is added to some rows of matrix `index` of the scores. */
function maskOf(mask: Tensor, { q, rows, columns }: Matrices, index: number, from: number, height: number): View {
  const batch = q.shape.slice(0, -2);
  const strides = broadcastStrides(mask.shape, mask.strides, [...batch, rows, columns]);
  let at = from * strides[strides.length - 2]!;
  for (let axis = batch.length - 1, rest = index; axis >= 0; axis--) {
    at += (rest % batch[axis]!) * strides[axis]!;
    rest = Math.floor(rest / batch[axis]!);
  }
  const offset = mask.offset + at * mask.elementBytes;
  return { dtype: mask.dtype, offset, shape: [height, columns], strides: strides.slice(-2) };
}

const transposed = (x: View): View => ({ ...x, shape: x.shape.toReversed(), strides: x.strides.toReversed() });

/** Writes the attention weights of some rows to `out`. */
function writeWeights(m: Matrices, of: AttentionAttributes, index: number, from: number, out: View): void {
  const { kernels } = runtime;
  const [height, columns] = out.shape as [number, number];
  kernels.gemm(rowsOf(m.q, index, from, height), transposed(rowsOf(m.k, index, 0, columns)), out);
  kernels.binaryScalar("mul", out, of.scale, out);
  if (m.mask !== null) kernels.binary("add", out, maskOf(m.mask, m, index, from, height), out);
  for (let row = 0; of.isCausal && row < height && from + row + 1 < columns; row++) {
    const offset = out.offset + (row * columns + from + row + 1) * m.q.elementBytes;
    kernels.fill({ dtype: out.dtype, offset, shape: [columns - from - row - 1], strides: [1] }, -Infinity);
  }
  kernels.softmax(out, out, false);
}

/** Calls `body` for one block of rows after another, with memory for as many blocks of scores as `buffers` says. */
function forBlocks(
  m: Matrices,
  buffers: number,
  body: (index: number, from: number, height: number, blocks: readonly View[]) => void,
): void {
  const most = Math.max(1, Math.min(m.rows, Math.floor(BLOCK_ELEMENTS / Math.max(1, m.columns))));
  const memory = Array.from({ length: buffers }, () => Tensor.empty([most, m.columns], m.q.dtype));
  // A view holds no memory: the region goes with it.
  const block = ({ dtype, offset, strides, storage }: Tensor, height: number): View =>
    Object.assign({ dtype, offset, shape: [height, m.columns], strides }, { region: storage.region });
  for (let index = 0; index < m.count; index++) {
    for (let from = 0; from < m.rows; from += most) {
      const height = Math.min(most, m.rows - from);
      body(
        index,
        from,
        height,
        memory.map((tensor) => block(tensor, height)),
      );
    }
  }
}

/** Writes the cotangents that are asked for: of q, k and v. The weights are computed again, block by block. */
function writeCotangents(
  g: Tensor,
  inputs: readonly Tensor[],
  of: AttentionAttributes,
  outs: { readonly q: Tensor | null; readonly k: Tensor | null; readonly v: Tensor | null },
): void {
  const { kernels } = runtime;
  const m = matricesOf(inputs);
  const cotangent = dense(g);
  for (const out of [outs.k, outs.v]) if (out !== null) kernels.fill(out, 0);
  forBlocks(m, 2, (index, from, height, [weights, slopes]) => {
    writeWeights(m, of, index, from, weights!);
    const arrived = rowsOf(cotangent, index, from, height);
    if (outs.v !== null) {
      kernels.gemm(transposed(weights!), arrived, rowsOf(outs.v, index, 0, m.columns), { accumulate: true });
    }
    if (outs.q === null && outs.k === null) return;
    kernels.gemm(arrived, transposed(rowsOf(m.v, index, 0, m.columns)), slopes!);
    kernels.softmaxBackward(slopes!, weights!, slopes!, false);
    kernels.binaryScalar("mul", slopes!, of.scale, slopes!);
    if (outs.q !== null) kernels.gemm(slopes!, rowsOf(m.k, index, 0, m.columns), rowsOf(outs.q, index, from, height));
    if (outs.k !== null) {
      const queries = rowsOf(m.q, index, from, height);
      kernels.gemm(transposed(slopes!), queries, rowsOf(outs.k, index, 0, m.columns), { accumulate: true });
    }
  });
}

/** The cotangent of one operand. Inputs: the result's cotangent g, q, k, v, and the mask where there is one. */
const attentionBackward: Op<AttentionAttributes & { readonly operand: "q" | "k" | "v" }> = defineOp({
  id: "attentionBackward",
  name: "attentionBackward",
  infer: ([, q, k, v], { operand }) => ({ q: q!, k: k!, v: v! })[operand],
  compute: ([g, ...inputs], attributes, out) =>
    writeCotangents(g!, inputs, attributes, { q: null, k: null, v: null, [attributes.operand]: out }),
  // Never recorded: see the rule of attention.
  vjp: [null, null, null, null, null],
  saves: [],
  formula: { forward: "\\bar S k,\\ \\bar S^\\top q,\\ P^\\top g", backward: ["", "", "", "", ""] },
  flops: ([, q, k], _, out) => 6 * elementCount(q!.shape.slice(0, -1)) * k!.shape.at(-2)! * out.shape.at(-1)!,
});

/** The attention weights, op by op. */
export function composedWeights(q: Tensor, k: Tensor, mask: Tensor | null, of: AttentionAttributes): Tensor {
  let scores = q.mul(of.scale).matmul(k.transpose(-2, -1));
  if (mask?.dtype === "bool") scores = select(mask, scores, -Infinity);
  else if (mask) scores = scores.add(mask);
  if (of.isCausal) scores = select(causalMask(q.shape.at(-2)!, k.shape.at(-2)!), scores, -Infinity);
  return apply(softmax, [scores], { dim: scores.rank - 1 });
}

/** {@link attentionBackward}, op by op. */
function composed(g: Tensor, inputs: readonly Tensor[], of: AttentionAttributes, index: number): Tensor {
  const [q, k, v, mask] = inputs as readonly [Tensor, Tensor, Tensor, Tensor | undefined];
  const weights = composedWeights(q, k, mask ?? null, of);
  if (index === 2) return weights.transpose(-2, -1).matmul(g);
  const dim = weights.rank - 1;
  const slopes = apply(softmaxBackward, [g.matmul(v.transpose(-2, -1)), weights], { dim }).mul(of.scale);
  return index === 0 ? slopes.matmul(k) : slopes.transpose(-2, -1).matmul(q);
}

/**
 * softmax(s q kᵀ + mask) v. Inputs: q [..., L, E], k [..., S, E], v [..., S, V], and optionally a mask that broadcasts to
 * [..., L, S] and gets no gradient: bool, where it may attend, or float, what is added. The scores, of which there are
 * L · S for each entry of the leading axes, are never all in memory, forward or backward. PyTorch:
 * `torch.nn.functional.scaled_dot_product_attention`; Dao and others, 2022.
 */
export const attention: Op<AttentionAttributes> = defineOp<AttentionAttributes>({
  id: "attention",
  name: "attention",
  infer: (inputs) => {
    const [q, k, v] = inputs as readonly [Tensor, Tensor, Tensor];
    requireOneFloat("attention", [q, k, v]);
    const batch = (x: Tensor): readonly number[] => x.shape.slice(0, -2);
    const fits =
      Math.min(q.rank, k.rank, v.rank) >= 2 &&
      sameShape(batch(q), batch(k)) &&
      sameShape(k.shape.slice(0, -1), v.shape.slice(0, -1)) &&
      q.shape.at(-1) === k.shape.at(-1);
    if (!fits) {
      throw new EngineError(
        "shape",
        `attention: expected q [..., L, E], k [..., S, E] and v [..., S, V], found ${formatShape(q.shape)}, ${formatShape(k.shape)} and ${formatShape(v.shape)}`,
      );
    }
    return { shape: [...q.shape.slice(0, -1), v.shape.at(-1)!], dtype: q.dtype };
  },
  compute: (inputs, attributes, out) => {
    const m = matricesOf(inputs);
    forBlocks(m, 1, (index, from, height, [weights]) => {
      writeWeights(m, attributes, index, from, weights!);
      runtime.kernels.gemm(weights!, rowsOf(m.v, index, 0, m.columns), rowsOf(out, index, from, height));
    });
  },
  vjp: (g, at, index) => {
    if (index === 3) return null;
    const inputs = Array.from({ length: at.inputCount }, (_, i) => at.input(i));
    // What is itself recorded goes op by op, so that it can be differentiated again.
    if (isGradEnabled()) return composed(g, inputs, at.attributes, index);
    const operand = (["q", "k", "v"] as const)[index]!;
    return apply(attentionBackward, [g, ...inputs], { ...at.attributes, operand });
  },
  together: (g, at, wanted) => {
    const inputs = Array.from({ length: at.inputCount }, (_, i) => at.input(i));
    const outs = [0, 1, 2].map((i) => (wanted[i] === true ? Tensor.empty(at.shape(i), g.dtype) : null));
    writeCotangents(g, inputs, at.attributes, { q: outs[0]!, k: outs[1]!, v: outs[2]! });
    return outs.map((out) => out ?? undefined);
  },
  saves: [0, 1, 2, 3],
  formula: {
    forward: "P v,\\ P = \\mathrm{softmax}(s\\, q k^\\top)",
    backward: [
      "\\bar S k,\\ \\bar S = s\\, P \\odot (\\bar y v^\\top - \\langle \\bar y v^\\top, P\\rangle)",
      "\\bar S^\\top q",
      "P^\\top \\bar y",
      "",
    ],
  },
  flops: ([q, k], _, out) =>
    2 * elementCount(q!.shape.slice(0, -1)) * k!.shape.at(-2)! * (q!.shape.at(-1)! + out.shape.at(-1)!),
});

/** true on and below the diagonal of [rows, columns]. */
export function causalMask(rows: number, columns: number): Tensor {
  const allowed = Array.from({ length: rows * columns }, (_, i) => i % columns <= Math.floor(i / columns));
  return fromNumbers(allowed, [rows, columns], "bool");
}

/** From this many scores on, all of them in memory would be what a model's memory is spent on. */
export const MANY_SCORES = 2 ** 22;

/** Whether {@link attention} takes these operands, and there are so many scores that it is worth not to show them. */
export function isLargeAttention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | null): boolean {
  const rank = q.rank;
  if (rank < 2 || k.rank !== rank || v.rank !== rank || mask?.requiresGrad === true) return false;
  const batch = q.shape.slice(0, -2);
  if (!sameShape(batch, k.shape.slice(0, -2)) || !sameShape(batch, v.shape.slice(0, -2))) return false;
  return elementCount(batch) * q.shape.at(-2)! * k.shape.at(-2)! >= MANY_SCORES;
}
