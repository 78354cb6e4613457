import { composite } from "../../context/scope.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { apply } from "../../ops/apply.ts";
import { numberPow } from "../../ops/exponential.ts";
import { convert } from "../../ops/conversion.ts";
import {
  describeValue,
  expectInteger,
  expectNumber,
  expectTensor,
  expectTensors,
  floating,
  resultType,
  type Operand,
} from "../../ops/operands.ts";
import { dimOf, type DimKeyword } from "../../context/dim-keyword.ts";
import * as rearrangements from "../../ops/rearrangements.ts";
import { select } from "../../ops/selection.ts";
import { ones } from "../../core/creation.ts";
import { broadcastShapes, normalizeDim, type Shape } from "../../core/shape.ts";
import { isFloating, Tensor } from "../../core/tensor.ts";

// Functions of the torch namespace that are not, or not only, methods.

/** base ^ exponent, either of them a tensor. PyTorch: `torch.pow`. */
export function pow(base: Operand, exponent: Operand): Tensor {
  if (base instanceof Tensor) return base.pow(exponent);
  const value = expectNumber("pow", base, "a tensor or a number");
  const x = expectTensor("pow", exponent, "the base or the exponent to be a tensor");
  const whole = !isFloating(x.dtype) && Number.isInteger(value);
  return apply(numberPow, [whole ? x : floating(x)], { value });
}

/** Picks from `a` where `condition` holds, else from `b`; without them, the positions where it holds. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor;
export function where(condition: Tensor): Tensor[];
export function where(condition: Tensor, a?: Operand, b?: Operand): Tensor | Tensor[] {
  if (a === undefined && b === undefined) return expectTensor("where", condition).nonzero().unbind(1);
  return select(condition, a as Operand, b as Operand);
}

/** Tensors of a list in the one dtype that all promote to. */
function promoted(op: string, tensors: unknown): Tensor[] {
  const list = expectTensors(op, tensors);
  if (list.length === 0) throw new EngineError("value", `${op}: expected at least one tensor`);
  const dtype = list.reduce((all, x) => (all.dtype === resultType(all, x) ? all : x)).dtype;
  return list.map((x) => convert(x, dtype));
}

/** Joins tensors along an axis; their shapes agree on the others. PyTorch: `torch.cat`. */
export function cat(tensors: readonly Tensor[], along: number | DimKeyword = 0): Tensor {
  const dim = dimOf("cat", along, 0);
  const list = promoted("cat", tensors);
  const scalar = list.find((x) => x.rank === 0);
  if (scalar) throw new EngineError("shape", "cat: a scalar has no axis to join along", { fix: "use stack" });
  const model = list.find((x) => x.rank !== 1 || x.shape[0] !== 0) ?? list[0]!;
  return apply(rearrangements.cat, list, { dim: normalizeDim("cat", dim, model.rank) });
}
export const concat = cat;
export const concatenate = cat;

/** Joins tensors of one shape along a new axis. PyTorch: `torch.stack`. */
export function stack(tensors: readonly Tensor[], along: number | DimKeyword = 0): Tensor {
  const dim = dimOf("stack", along, 0);
  const list = promoted("stack", tensors);
  return apply(rearrangements.stack, list, { dim: normalizeDim("stack", dim, list[0]!.rank + 1) });
}

/** Joins along the second axis; vectors along their only one. */
export function hstack(tensors: readonly Tensor[]): Tensor {
  const list = expectTensors("hstack", tensors).map((x) => (x.rank === 0 ? x.unsqueeze(0) : x));
  return cat(list, list[0]?.rank === 1 ? 0 : 1);
}

/** Joins along the first axis; vectors as rows. */
export function vstack(tensors: readonly Tensor[]): Tensor {
  return cat(
    expectTensors("vstack", tensors).map((x) => (x.rank < 2 ? x.reshape(1, -1) : x)),
    0,
  );
}

/** Tensors given one by one, or in one array. */
type Tensors = readonly Tensor[] | readonly [readonly Tensor[]];

function listed(op: string, tensors: readonly unknown[]): Tensor[] {
  return expectTensors(op, tensors.length === 1 && Array.isArray(tensors[0]) ? tensors[0] : tensors);
}

export interface GridOptions {
  /** "ij" (the default): the first axis runs along the first vector; "xy": along the second. */
  readonly indexing?: "ij" | "xy";
}

/** Coordinates of a grid: each vector as a tensor over all of them. PyTorch: `torch.meshgrid`. */
export function meshgrid(
  ...args: Tensors | readonly [...Tensor[], GridOptions] | readonly [readonly Tensor[], GridOptions]
): Tensor[] {
  const last: unknown = args[args.length - 1];
  const hasOptions = typeof last === "object" && last !== null && !(last instanceof Tensor) && !Array.isArray(last);
  const options = (hasOptions ? last : {}) as GridOptions;
  const list = listed("meshgrid", hasOptions ? args.slice(0, -1) : args).map((x) => x.reshape(-1));
  if (options.indexing === "xy" && list.length >= 2) {
    const [first, second, ...rest] = list;
    const [rows, columns, ...others] = grid([second!, first!, ...rest]);
    return [columns!, rows!, ...others];
  }
  return grid(list);
}

function grid(vectors: readonly Tensor[]): Tensor[] {
  const shape = vectors.map((x) => x.numel());
  return vectors.map((x, axis) => x.reshape(shape.map((_, i) => (i === axis ? -1 : 1))).expand(shape));
}

/** All tensors expanded to the shape that they broadcast to. */
export function broadcastTensors(...tensors: Tensors): Tensor[] {
  const list = listed("broadcastTensors", tensors);
  const shape = list.reduce<Shape>((all, x) => broadcastShapes("broadcastTensors", all, x.shape), []);
  return list.map((x) => x.expand(shape));
}

/** Every pair of elements of several vectors, [n, count]. */
export function cartesianProd(...tensors: Tensors): Tensor {
  const grids = grid(listed("cartesianProd", tensors).map((x) => x.reshape(-1))).map((x) => x.reshape(-1));
  return grids.length === 1 ? grids[0]! : stack(grids, 1);
}

/** Sums over the last `dims` axes of `a` and the first of `b`, or over the axes that are named for both. */
export function tensordot(
  a: Tensor,
  b: Tensor,
  dims: number | readonly [readonly number[], readonly number[]] = 2,
): Tensor {
  expectTensor("tensordot", a);
  expectTensor("tensordot", b);
  const [left, right] =
    typeof dims === "number"
      ? [a.shape.map((_, i) => i).slice(a.rank - dims), b.shape.map((_, i) => i).slice(0, dims)]
      : [
          dims[0].map((dim) => normalizeDim("tensordot", dim, a.rank)),
          dims[1].map((dim) => normalizeDim("tensordot", dim, b.rank)),
        ];
  const matches = left.length === right.length && left.every((dim, i) => a.shape[dim] === b.shape[right[i]!]);
  if (!matches) {
    throw new EngineError(
      "shape",
      `tensordot: the summed axes of ${formatShape(a.shape)} and ${formatShape(b.shape)} differ`,
    );
  }
  const freeLeft = a.shape.map((_, i) => i).filter((i) => !left.includes(i));
  const freeRight = b.shape.map((_, i) => i).filter((i) => !right.includes(i));
  const count = left.reduce((product, dim) => product * a.shape[dim]!, 1);
  return composite("tensordot", () =>
    a
      .permute([...freeLeft, ...left])
      .reshape([freeLeft.reduce((product, dim) => product * a.shape[dim]!, 1), count])
      .matmul(
        b
          .permute([...right, ...freeRight])
          .reshape([count, freeRight.reduce((product, dim) => product * b.shape[dim]!, 1)]),
      )
      .reshape([...freeLeft.map((dim) => a.shape[dim]!), ...freeRight.map((dim) => b.shape[dim]!)]),
  );
}

/** Whether `x` is a tensor. */
export function isTensor(x: unknown): x is Tensor {
  return x instanceof Tensor;
}

/** Whether any gradient can flow through the dtype. */
export function isFloatingPoint(x: Tensor): boolean {
  return isFloating(expectTensor("isFloatingPoint", x, `a tensor, not ${describeValue(x)}`).dtype);
}

/** Pairwise p-distances of rows: [..., P, D] and [..., R, D] give [..., P, R]. PyTorch: `torch.cdist`. */
export function cdist(a: Tensor, b: Tensor, p = 2): Tensor {
  expectTensor("cdist", a);
  expectTensor("cdist", b);
  if (a.rank < 2 || b.rank < 2 || a.shape[a.rank - 1] !== b.shape[b.rank - 1]) {
    throw new EngineError(
      "shape",
      `cdist: expected rows of one length, found ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
    );
  }
  return composite("cdist", () => a.unsqueeze(-2).sub(b.unsqueeze(-3)).norm(p, -1));
}

/** Positions of the lower triangle of a matrix, int64 [2, n]. PyTorch: `torch.tril_indices`. */
export function trilIndices(rows: number, columns: number, offset = 0): Tensor {
  return ones([rows, columns])
    .tril(expectInteger("trilIndices", offset, "the offset"))
    .nonzero()
    .t()
    .contiguous();
}

/** Positions of the upper triangle of a matrix, int64 [2, n]. PyTorch: `torch.triu_indices`. */
export function triuIndices(rows: number, columns: number, offset = 0): Tensor {
  return ones([rows, columns])
    .triu(expectInteger("triuIndices", offset, "the offset"))
    .nonzero()
    .t()
    .contiguous();
}
