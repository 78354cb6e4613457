import { autograd, cat, F, stack, tensor, where, type Tensor } from "../../engine/index.ts";
import { checkpoint } from "../../engine/autograd/checkpoint.ts";

/** Numbers from which a step takes its operands and options, each modulo what there is to choose from. */
export interface Gene {
  readonly step: number;
  readonly a: number;
  readonly b: number;
  readonly p: number;
  readonly q: number;
}

/** What a step may use: all values so far, and choices that depend on shapes alone. */
export interface Choices {
  /** Any earlier value. */
  readonly x: Tensor;
  readonly y: Tensor;
  readonly p: number;
  readonly q: number;
}

/** A step gives a new value or several, or null where it does not apply to these shapes. */
export type Step = (choices: Choices) => Tensor | readonly Tensor[] | null;

const axisOf = (x: Tensor, n: number): number | null => (x.rank === 0 ? null : n % x.rank);

/** A vector-like pattern that no symmetry of a step leaves alone. */
export function patternLike(x: Tensor, phase: number): Tensor {
  const values = Array.from({ length: x.numel() }, (_, i) => Math.cos(0.7 * i + phase));
  return tensor(values, { dtype: "float64" }).reshape([...x.shape]);
}

const integers = (values: number[], shape: readonly number[]): Tensor =>
  tensor(values, { dtype: "int64" }).reshape([...shape]);

/** A bool tensor of x's shape that does not depend on its values. */
const maskLike = (x: Tensor, n: number): Tensor =>
  tensor(
    Array.from({ length: x.numel() }, (_, i) => (i * 7 + n) % 3 !== 0),
    { dtype: "bool" },
  ).reshape([...x.shape]);

/** Makes y broadcast with x by keeping single entries where the sizes differ. */
function matching(x: Tensor, y: Tensor): Tensor {
  let fitted = y;
  while (fitted.rank > x.rank) fitted = fitted.select(0, 0);
  for (let i = 1; i <= fitted.rank; i++) {
    const axis = fitted.rank - i;
    const [own, other] = [fitted.shape[axis]!, x.shape[x.rank - i]!];
    if (own !== other && own !== 1) fitted = fitted.narrow(axis, 0, 1);
  }
  return fitted;
}

/** Whether PyTorch would let a value be written in place. */
function isWritable(x: Tensor): boolean {
  if (x.node === null || x.generation < 0 || x.strides.includes(0)) return false;
  return x.base === null || x.base.node !== null;
}

class Cubed extends autograd.Function {
  static forward(context: autograd.Context, x: Tensor): Tensor {
    context.saveForBackward(x);
    return x.pow(3);
  }
  static backward(context: autograd.Context, gradient: Tensor): Tensor {
    const [x] = context.savedTensors;
    return gradient.mul(x!.square()).mul(3);
  }
}

class SumAndDifference extends autograd.Function {
  static forward(_: autograd.Context, x: Tensor, y: Tensor): Tensor[] {
    return [x.add(y), x.sub(y)];
  }
  static backward(_: autograd.Context, sum: Tensor, difference: Tensor): Tensor[] {
    return [sum.add(difference), sum.sub(difference)];
  }
}

const SMOOTH: readonly Step[] = [
  ({ x }) => x.neg(),
  ({ x }) => x.tanh().exp(),
  ({ x }) => x.square().add(1).log(),
  ({ x }) => x.square().add(0.5).sqrt(),
  ({ x }) => x.sin(),
  ({ x }) => x.cos(),
  ({ x }) => x.tanh(),
  ({ x }) => x.sigmoid(),
  ({ x }) => x.square().add(1).reciprocal(),
  ({ x }) => x.square().add(1).rsqrt(),
  ({ x }) => x.erf(),
  ({ x }) => x.tanh().expm1(),
  ({ x }) => x.square().log1p(),
  ({ x }) => x.atan(),
  ({ x }) => x.tanh().mul(0.9).asin(),
  ({ x }) => x.tanh().sinh(),
  ({ x, p }) =>
    x
      .square()
      .add(0.3)
      .pow(0.5 + (p % 4) * 0.5),
  ({ x, y }) => x.square().add(0.5).pow(matching(x, y).tanh()),
  ({ x }) => F.gelu(x),
  ({ x }) => F.silu(x),
  ({ x }) => F.softplus(x),
];

const KINKED: readonly Step[] = [
  ({ x }) => x.relu(),
  ({ x }) => x.abs(),
  ({ x }) => x.clamp(-0.5, 0.75),
  ({ x }) => x.clamp({ min: -0.1 }),
  ({ x, y }) => x.maximum(matching(x, y)),
  ({ x, y }) => x.minimum(matching(x, y)),
  ({ x }) => F.leakyRelu(x, 0.1),
  ({ x, y }) => where(x.gt(0), x, matching(x, y)),
];

const ARITHMETIC: readonly Step[] = [
  ({ x, y }) => x.add(matching(x, y)),
  ({ x, y }) => x.sub(matching(x, y), { alpha: 0.5 }),
  ({ x, y }) => x.mul(matching(x, y)),
  ({ x, y }) => matching(x, y).mul(x),
  ({ x, y }) => x.div(matching(x, y).square().add(1)),
  ({ x, p }) => x.mul(0.5 + (p % 3)),
  ({ x, p }) => x.rsub(p % 4),
  ({ x, y }) => x.lerp(matching(x, y), 0.3),
  ({ x, y }) => x.addcmul(matching(x, y), matching(x, x), { value: 0.5 }),
  ({ x, y }) => x.atan2(matching(x, y).square().add(0.5)),
  ({ x, y }) => x.logaddexp(matching(x, y)),
];

const REDUCTIONS: readonly Step[] = [
  ({ x }) => x.sum(),
  ({ x, p, q }) => x.sum(axisOf(x, p) ?? 0, q % 2 === 0),
  ({ x, p, q }) => x.mean(axisOf(x, p) ?? 0, q % 2 === 0),
  ({ x, p, q }) => x.amax(axisOf(x, p) ?? 0, q % 2 === 0),
  ({ x, p }) => x.amin(axisOf(x, p) ?? 0),
  ({ x, p, q }) => x.max(axisOf(x, p) ?? 0, q % 2 === 0).values,
  ({ x }) => x.max(),
  ({ x, p }) => x.tanh().prod(axisOf(x, p) ?? 0),
  ({ x, p, q }) => x.logsumexp(axisOf(x, p) ?? 0, q % 2 === 0),
  ({ x, p }) => (x.numel() < 2 ? null : x.var(x.shape[axisOf(x, p) ?? 0]! > 1 ? axisOf(x, p) : null)),
  ({ x, p }) => x.add(patternLike(x, 1)).norm([1, 2, 3, Infinity][p % 4], axisOf(x, p + 1)),
  ({ x, p }) => x.cumsum(axisOf(x, p) ?? 0),
  ({ x, p }) => x.tanh().cumprod(axisOf(x, p) ?? 0),
  ({ x, p }) => (x.rank === 0 ? null : x.softmax(p % x.rank)),
  ({ x, p }) => (x.rank === 0 ? null : x.logSoftmax(p % x.rank)),
];

const SHAPES: readonly Step[] = [
  ({ x }) => x.reshape(-1),
  ({ x }) => x.flatten().unsqueeze(0),
  ({ x, p, q }) => (x.rank === 0 ? null : x.transpose(p % x.rank, q % x.rank)),
  ({ x }) => x.permute(x.shape.map((_, axis) => x.rank - 1 - axis)),
  ({ x, p }) => x.unsqueeze(p % (x.rank + 1)),
  ({ x }) => x.squeeze(),
  ({ x, p }) => (x.numel() > 32 ? null : x.unsqueeze(0).expand([2 + (p % 2), ...x.shape])),
  ({ x, p }) => (x.rank === 0 ? null : x.flip([p % x.rank])),
  ({ x, p, q }) => (x.rank === 0 ? null : x.roll(q % 3, p % x.rank)),
  ({ x, p }) => (x.numel() > 32 || x.rank === 0 ? null : x.repeat(x.shape.map((_, axis) => 1 + ((p + axis) % 2)))),
  ({ x, p }) => (x.rank < 2 ? null : p % 2 === 0 ? x.tril() : x.triu(1)),
  ({ x }) => (x.rank < 2 ? null : x.diagonal()),
  ({ x, p }) => (x.rank === 0 ? null : x.select(p % x.rank, -1)),
  ({ x, p, q }) => {
    const axis = axisOf(x, p);
    if (axis === null) return null;
    const start = q % x.shape[axis]!;
    return x.narrow(axis, start, x.shape[axis]! - start);
  },
  ({ x, p }) => (x.rank === 0 ? null : x.slice(p % x.rank, 0, null, 2)),
  ({ x, p }) => (x.rank === 0 ? null : x.split(2, p % x.rank)),
  ({ x, p }) => (x.rank === 0 ? null : x.chunk(2, p % x.rank)),
  ({ x, p }) => (x.rank === 0 ? null : x.unbind(p % x.rank).slice(0, 3)),
  ({ x, y, p }) => (x.rank === 0 || x.numel() > 32 ? null : cat([x, matching(x, y).expandAs(x)], p % x.rank)),
  ({ x, y, p }) => (x.numel() > 32 ? null : stack([x, matching(x, y).expandAs(x)], p % (x.rank + 1))),
  ({ x, p }) => (x.rank === 0 || x.numel() > 32 ? null : x.repeatInterleave(2, p % x.rank)),
  ({ x, p }) => {
    const axis = axisOf(x, p);
    return axis === null || x.shape[axis]! < 2 || x.numel() > 32 ? null : x.unfold(axis, 2, 1).contiguous();
  },
  ({ x, p }) => (x.rank === 0 || x.numel() > 32 ? null : F.pad(x, [p % 2, 1])),
  ({ x }) => x.clone(),
  ({ x }) => x.contiguous(),
];

const INDEXING: readonly Step[] = [
  ({ x, p, q }) => {
    const axis = axisOf(x, p);
    if (axis === null) return null;
    return x.indexSelect(axis, integers([q % x.shape[axis]!, 0, q % x.shape[axis]!], [3]));
  },
  ({ x, p, q }) => {
    const axis = axisOf(x, p);
    if (axis === null) return null;
    const values = Array.from({ length: x.numel() }, (_, i) => (i * 5 + q) % x.shape[axis]!);
    return x.gather(axis, integers(values, x.shape));
  },
  ({ x, y, p, q }) => {
    const axis = axisOf(x, p);
    if (axis === null) return null;
    const values = Array.from({ length: x.numel() }, (_, i) => (i * 3 + q) % x.shape[axis]!);
    return x.scatterAdd(axis, integers(values, x.shape), matching(x, y).expandAs(x));
  },
  ({ x, q }) => x.take(integers([q % x.numel(), 0, (q * 3) % x.numel()], [3])),
  ({ x, q }) => x.maskedSelect(maskLike(x, q)),
  ({ x, q }) => x.maskedFill(maskLike(x, q), 0.25),
  ({ x, y, q }) => where(maskLike(x, q), x, matching(x, y)),
  ({ x, q }) => (x.rank === 0 ? null : x.index([integers([q % x.shape[0]!, 0], [2])])),
  ({ x, q }) =>
    x.rank < 2 ? null : x.index([integers([q % x.shape[0]!, 0], [2]), integers([0, q % x.shape[1]!], [2])]),
  ({ x, q }) => (x.rank < 2 ? null : x.index([null, integers([q % x.shape[1]!, 0, 0], [3])])),
  ({ x, y, q }) =>
    x.rank === 0 ? null : x.indexPut([integers([q % x.shape[0]!], [1])], matching(x.select(0, 0), y), q % 2 === 0),
  ({ x, p }) => (x.rank === 0 ? null : x.sort(p % x.rank, p % 2 === 0).values),
  ({ x, p }) => (x.rank === 0 ? null : x.topk(1, p % x.rank).values),
  ({ x }) => x.median(),
];

const MATRICES: readonly Step[] = [
  ({ x }) => (x.rank !== 2 ? null : x.matmul(x.t())),
  ({ x, y }) => {
    const [a, b] = [x.reshape(x.rank === 0 ? 1 : x.shape[0]!, -1), y.reshape(y.rank === 0 ? 1 : y.shape[0]!, -1)];
    const inner = Math.min(a.shape[1]!, b.shape[0]!);
    return a
      .narrow(1, 0, inner)
      .matmul(b.narrow(0, 0, inner))
      .tanh();
  },
  ({ x }) => (x.rank !== 3 ? null : x.bmm(x.transpose(1, 2)).tanh()),
  ({ x }) =>
    x.rank < 2
      ? null
      : x.matmul(
          patternLike(x.select(0, 0).reshape(-1), 0.4)
            .narrow(0, 0, 1)
            .expand(x.shape[x.rank - 1]!),
        ),
  ({ x }) => x.reshape(-1).dot(x.sin().reshape(-1)),
  ({ x }) => (x.numel() > 12 ? null : x.reshape(-1).outer(x.reshape(-1).cos())),
];

/** Writes in place, to a value, to a copy of one, and to views of either. */
const IN_PLACE: readonly Step[] = [
  ({ x, y }) => x.clone().add_(matching(x, y)),
  ({ x, y }) => x.clone().mul_(matching(x, y)),
  ({ x }) => x.clone().mul_(2).sin_(),
  ({ x }) => x.clone().tanh_(),
  ({ x }) => x.clone().clamp_(-0.6, 0.6),
  ({ x, y }) => x.clone().copy_(matching(x, y)),
  ({ x }) => x.clone().zero_(),
  ({ x, q }) => x.clone().maskedFill_(maskLike(x, q), 0.5),
  ({ x }) => (isWritable(x) ? x.mul_(1.5) : null),
  ({ x, y }) => (isWritable(x) ? x.add_(matching(x, y)) : null),
  ({ x, p, q }) => {
    const copy = x.clone();
    const axis = axisOf(x, p);
    if (axis === null) return copy;
    copy.select(axis, q % x.shape[axis]!).mul_(3);
    return copy;
  },
  ({ x, y, p }) => {
    const copy = x.clone();
    const axis = axisOf(x, p);
    if (axis === null) return copy;
    const part = copy.narrow(axis, 0, 1);
    part.copy_(matching(part, y));
    return [copy, part];
  },
  ({ x }) => {
    const copy = x.clone();
    const view = copy.reshape(-1);
    view.slice(0, 0, null, 2).sin_();
    return [copy, view];
  },
  ({ x }) => {
    if (x.rank !== 2) return null;
    const copy = x.clone();
    const turned = copy.t();
    turned.select(0, 0).mul_(patternLike(turned.select(0, 0), 2));
    copy.mul_(0.5);
    return [turned, copy];
  },
  ({ x, y }) => {
    // A constant buffer that is filled row by row.
    if (x.rank === 0) return null;
    const buffer = tensor(0, { dtype: "float64" })
      .expand([...x.shape])
      .clone();
    for (let i = 0; i < Math.min(3, x.shape[0]!); i++) buffer.select(0, i).add_(x.select(0, i).mul(i + 1));
    buffer.add_(matching(buffer, y));
    return buffer;
  },
];

const AUTOGRAD: readonly Step[] = [
  ({ x }) => Cubed.apply(x.tanh()),
  ({ x, y }) => SumAndDifference.apply(x, matching(x, y).expandAs(x)),
  ({ x, y }) => checkpoint((a: Tensor, b: Tensor) => a.mul(b).tanh(), x, matching(x, y)),
];

export const STEPS: readonly Step[] = [
  ...SMOOTH,
  ...KINKED,
  ...ARITHMETIC,
  ...REDUCTIONS,
  ...SHAPES,
  ...INDEXING,
  ...MATRICES,
  ...IN_PLACE,
  ...IN_PLACE,
  ...AUTOGRAD,
];
