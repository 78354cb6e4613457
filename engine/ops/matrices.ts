import { EngineError, formatShape } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import { broadcastShapes, broadcastStrides, type Shape } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { fill } from "./writes.ts";
import { apply } from "./apply.ts";
import { defineOp, type Application, type Op } from "./op.ts";
import { widened } from "../core/widening.ts";

const swapped = (x: Tensor): Tensor => x.transpose(-2, -1);

/** The operand as matrices: a vector is one row on the left, one column on the right. */
const asRow = (x: Tensor, rank: number): Tensor => (rank === 1 ? x.unsqueeze(0) : x);
const asColumn = (x: Tensor, rank: number): Tensor => (rank === 1 ? x.unsqueeze(1) : x);

/** All axes but the last as one. */
const asRows = (x: Tensor): Tensor => x.flatten(0, -2);

/** The cotangent of the result with the axes that vectors did not give it. */
function withBothAxes(g: Tensor, at: Application): Tensor {
  const columns = at.shape(1).length === 1 ? g.unsqueeze(-1) : g;
  return at.shape(0).length === 1 ? columns.unsqueeze(-2) : columns;
}

function gradLeft(g: Tensor, at: Application): Tensor {
  const rank = at.shape(0).length;
  const product = withBothAxes(g, at).matmul(swapped(asColumn(at.input(1), at.shape(1).length)));
  return rank === 1 ? product.squeeze(-2) : product;
}

function gradRight(g: Tensor, at: Application): Tensor {
  // One matrix for a whole batch: its rows are all rows, and nothing has to be summed afterwards.
  if (at.shape(1).length === 2 && at.shape(0).length > 2) return asRows(at.input(0)).t().matmul(asRows(g));
  const rank = at.shape(1).length;
  const product = swapped(asRow(at.input(0), at.shape(0).length)).matmul(withBothAxes(g, at));
  return rank === 1 ? product.squeeze(-1) : product;
}

/** Records of products of two tensors over the last axis of the left and the first matrix axis of the right. */
function defineProduct(name: string, ranks: readonly [number, number] | null): Op {
  return defineOp({
    id: name,
    name,
    infer: ([a, b]) => {
      checkProduct(name, ranks, a!, b!);
      const batch = batchShape(name, a!, b!);
      const rows = a!.rank === 1 ? [] : [a!.shape[a!.rank - 2]!];
      const columns = b!.rank === 1 ? [] : [b!.shape[b!.rank - 1]!];
      return { shape: [...batch, ...rows, ...columns], dtype: a!.dtype };
    },
    compute: ([a, b], _, out) => {
      const batch = out.shape.slice(0, out.rank - (a!.rank > 1 ? 1 : 0) - (b!.rank > 1 ? 1 : 0));
      const left = matrices(a!, batch, 0);
      const right = matrices(b!, batch, 1);
      const [rows, columns] = [left.shape[batch.length]!, right.shape[batch.length + 1]!];
      runtime.kernels.gemm(left, right, {
        dtype: out.dtype,
        offset: out.offset,
        shape: [...batch, rows, columns],
        strides: [...out.strides.slice(0, batch.length), columns, 1],
      });
    },
    vjp: [gradLeft, gradRight],
    saves: [0, 1],
    affine: true,
    formula: { forward: "A B", backward: ["\\bar Y B^\\top", "A^\\top \\bar Y"] },
    flops: ([a], _, out) => 2 * out.numel() * a!.shape[a!.rank - 1]!,
  });
}

function batchShape(name: string, a: Tensor, b: Tensor): Shape {
  const [left, right] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  if (left.length > 0 && right.length > 0) {
    for (let i = 1; i <= Math.min(left.length, right.length); i++) {
      const [p, q] = [left[left.length - i]!, right[right.length - i]!];
      if (p === q || p === 1 || q === 1) continue;
      throw new EngineError(
        "shape",
        `${name}: the batch axes do not broadcast, ${formatShape(a.shape)} · ${formatShape(b.shape)}: sizes ${p} and ${q}`,
      );
    }
  }
  return broadcastShapes(name, left, right);
}

/** An operand as a stack of matrices over the batch axes of the result. `side` 0 is the left one. */
function matrices(x: Tensor, batch: readonly number[], side: 0 | 1): View {
  const shape = x.rank > 1 ? x.shape.slice(-2) : side === 0 ? [1, x.shape[0]!] : [x.shape[0]!, 1];
  const strides = x.rank > 1 ? x.strides.slice(-2) : side === 0 ? [0, x.strides[0]!] : [x.strides[0]!, 0];
  const lead = broadcastStrides(x.shape.slice(0, -2), x.strides.slice(0, -2), batch);
  return { dtype: x.dtype, offset: x.offset, shape: [...batch, ...shape], strides: [...lead, ...strides] };
}

function checkProduct(name: string, ranks: readonly [number, number] | null, a: Tensor, b: Tensor): void {
  if (widened(a.dtype) !== widened(b.dtype)) {
    throw new EngineError("dtype", `${name}: expected two tensors of one dtype, found ${a.dtype} and ${b.dtype}`, {
      fix: 'convert one with .to("float32") or .to("float64")',
    });
  }
  if (a.dtype === "bool") throw new EngineError("dtype", `${name}: not defined for bool tensors`);
  // Only of products that are refused: this is on the way of every one.
  const shapes = (): string => `${formatShape(a.shape)} · ${formatShape(b.shape)}`;
  if (ranks !== null && (a.rank !== ranks[0] || b.rank !== ranks[1])) {
    const kinds = ["a scalar", "a vector", "a matrix", "a batch of matrices"];
    throw new EngineError("shape", `${name}: expected ${kinds[ranks[0]]} and ${kinds[ranks[1]]}, found ${shapes()}`, {
      fix: "use .matmul(...), which broadcasts",
    });
  }
  if (a.rank === 0 || b.rank === 0) {
    throw new EngineError("shape", `${name}: both operands need at least one axis, found ${shapes()}`, {
      fix: "use .mul(...) for a scalar",
    });
  }
  const inner = a.shape[a.rank - 1]!;
  const other = b.rank === 1 ? b.shape[0]! : b.shape[b.rank - 2]!;
  if (inner !== other) {
    const last = b.shape[b.rank - 1]!;
    throw new EngineError("shape", `${name}: inner sizes differ, ${shapes()}`, {
      ...(b.rank >= 2 && last === inner
        ? {
            fix: `did you mean ${b.label === "" ? "other" : b.label}.${b.rank === 2 ? "t()" : "transpose(-2, -1)"}?`,
          }
        : a.rank >= 2 && a.shape[a.rank - 2] === other
          ? {
              fix: `did you mean ${a.label === "" ? "this" : a.label}.${a.rank === 2 ? "t()" : "transpose(-2, -1)"}?`,
            }
          : {}),
    });
  }
  if (name === "bmm" && a.shape[0] !== b.shape[0]) {
    throw new EngineError("shape", `bmm: the batches differ, ${shapes()}`);
  }
}

export const matmul = defineProduct("matmul", null);
export const mm = defineProduct("mm", [2, 2]);
export const bmm = defineProduct("bmm", [3, 3]);
export const mv = defineProduct("mv", [2, 1]);
export const dot = defineProduct("dot", [1, 1]);

/** The product of every pair. PyTorch: `torch.outer`. */
export const outer = defineOp({
  id: "outer",
  name: "outer",
  infer: ([u, v]) => {
    if (u!.rank !== 1 || v!.rank !== 1) {
      throw new EngineError(
        "shape",
        `outer: expected two vectors, found ${formatShape(u!.shape)} and ${formatShape(v!.shape)}`,
      );
    }
    return { shape: [u!.shape[0]!, v!.shape[0]!], dtype: u!.dtype };
  },
  compute: ([u, v], _, out) => {
    const rows = { dtype: u!.dtype, offset: u!.offset, shape: out.shape, strides: [u!.strides[0]!, 0] };
    const columns = { dtype: v!.dtype, offset: v!.offset, shape: out.shape, strides: [0, v!.strides[0]!] };
    runtime.kernels.binary("mul", rows, columns, out);
  },
  vjp: [(g, at) => g.mv(at.input(1)), (g, at) => g.t().mv(at.input(0))],
  saves: [0, 1],
  formula: { forward: "u v^\\top", backward: ["\\bar Y v", "\\bar Y^\\top u"] },
  flops: (_, __, out) => out.numel(),
});

/** β · bias + α · a b. PyTorch: `torch.addmm`. */
export function addmm(op: string, bias: Tensor, product: Tensor, beta: number, alpha: number): Tensor {
  const shape = broadcastShapes(op, bias.shape, product.shape);
  if (shape.length !== product.rank || shape.some((size, axis) => size !== product.shape[axis])) {
    throw new EngineError(
      "shape",
      `${op}: a bias of shape ${formatShape(bias.shape)} does not broadcast to the product's ${formatShape(product.shape)}`,
    );
  }
  const scaled = alpha === 1 ? product : product.mul(alpha);
  // PyTorch ignores the bias altogether where beta is 0, NaN in it too.
  if (beta === 0) return apply(fill, [bias], { value: 0 }).add(scaled);
  return (beta === 1 ? bias : bias.mul(beta)).add(scaled);
}
