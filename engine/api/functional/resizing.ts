import { checkOptions } from "../../context/options.ts";
import { composite } from "../../context/scope.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { checkSizes } from "../../core/shape.ts";
import { expectToFit, fromNumbers } from "../../core/creation.ts";
import type { Tensor } from "../../core/tensor.ts";

const MODES = ["nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area"] as const;
type Mode = (typeof MODES)[number];
/** The spatial axes that a mode is for; any number where it says nothing. */
const AXES: Partial<Record<Mode, number>> = { linear: 1, bilinear: 2, trilinear: 3, bicubic: 2 };

export interface InterpolateOptions {
  /** Sizes of the spatial axes of the result; or how often to repeat what there is. */
  readonly size?: number | readonly number[];
  readonly scaleFactor?: number | readonly number[];
  readonly mode?: Mode;
  /** Whether the corners of both are the same points, for linear and cubic modes. */
  readonly alignCorners?: boolean;
}

/** x [N, C, ...] with its spatial axes brought to another size. PyTorch: `F.interpolate`. */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  checkOptions("interpolate", options, ["size", "scaleFactor", "mode", "alignCorners"]);
  const spatial = x.shape.slice(2);
  const { size, scaleFactor, mode = "nearest", alignCorners = false } = options;
  const given = size ?? scaleFactor;
  if (given === undefined || spatial.length === 0) {
    throw new EngineError(
      "value",
      `interpolate: needs size or scaleFactor, and x [N, C, ...], found ${formatShape(x.shape)}`,
    );
  }
  checkMode(x, mode);
  const wanted = spatial.map((old, i) => {
    const value = typeof given === "number" ? given : (given[i] ?? NaN);
    return size === undefined ? Math.floor(old * value) : value;
  });
  if (wanted.some((count) => !(count >= 1))) {
    throw new EngineError("value", `interpolate: cannot bring ${formatShape(x.shape)} to sizes ${formatShape(wanted)}`);
  }
  checkSizes("interpolate", wanted);
  for (const count of wanted) expectToFit("interpolate", count);
  return composite("interpolate", () => {
    let out = x;
    wanted.forEach((count, i) => {
      const old = spatial[i]!;
      const scale = size === undefined ? (typeof given === "number" ? given : given[i]!) : count / old;
      out = mode.startsWith("nearest")
        ? nearest(out, i + 2, count, scale, mode === "nearest-exact" ? 0.5 : 0)
        : weighted(out, i + 2, weightsOf(mode, old, count, scale, alignCorners));
    });
    return out;
  });
}

function checkMode(x: Tensor, mode: Mode): void {
  if (!MODES.includes(mode)) {
    const list = MODES.map((name) => `"${name}"`).join(", ");
    throw new EngineError("value", `interpolate: mode is one of ${list}, found ${JSON.stringify(mode)}`);
  }
  const axes = AXES[mode];
  if (axes === undefined || axes === x.rank - 2) return;
  const fitting = { 1: "linear", 2: "bilinear", 3: "trilinear" }[x.rank - 2];
  throw new EngineError("shape", `interpolate: mode "${mode}" needs ${axes + 2} axes, found ${formatShape(x.shape)}`, {
    ...(fitting !== undefined && { fix: `"${fitting}" is that of ${x.rank} axes` }),
  });
}

function nearest(x: Tensor, axis: number, count: number, scale: number, shift: number): Tensor {
  const old = x.shape[axis]!;
  // With whole factors, half an element further is the same one.
  if (scale === count / old && Number.isInteger(scale)) return repeated(x, axis, scale);
  const sources = new Float64Array(count);
  for (let at = 0; at < count; at++) sources[at] = Math.min(old - 1, Math.floor((at + shift) / scale));
  return x.indexSelect(axis, fromNumbers(sources, [count], "int64"));
}

/** Each element along an axis as often as `times` says: a view that is made dense, where indices would be looked up one by one. */
function repeated(x: Tensor, axis: number, times: number): Tensor {
  const shape = [...x.shape];
  const between = [...shape.slice(0, axis + 1), times, ...shape.slice(axis + 1)];
  shape[axis] = shape[axis]! * times;
  return x
    .unsqueeze(axis + 1)
    .expand(between)
    .reshape(shape);
}

/** Each row says how much of every old element a new one takes. */
function weightsOf(mode: Mode, old: number, count: number, scale: number, alignCorners: boolean): number[][] {
  return Array.from({ length: count }, (_, at) => {
    const row = new Array<number>(old).fill(0);
    const add = (index: number, weight: number): void => {
      row[Math.min(old - 1, Math.max(0, index))]! += weight;
    };
    if (mode === "area") {
      const [from, to] = [Math.floor((at * old) / count), Math.ceil(((at + 1) * old) / count)];
      for (let i = from; i < to; i++) add(i, 1 / (to - from));
      return row;
    }
    const place = alignCorners ? (count > 1 ? (at * (old - 1)) / (count - 1) : 0) : (at + 0.5) / scale - 0.5;
    const from = mode === "bicubic" ? place : Math.max(0, place);
    const base = Math.floor(from);
    const t = from - base;
    if (mode === "bicubic") for (let i = -1; i <= 2; i++) add(base + i, cubic(i - t));
    else {
      add(base, 1 - t);
      add(base + 1, t);
    }
    return row;
  });
}

/** Keys' kernel with a = −0.75, as PyTorch has it. */
function cubic(distance: number): number {
  const d = Math.abs(distance);
  const a = -0.75;
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
  return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0;
}

function weighted(x: Tensor, axis: number, rows: readonly (readonly number[])[]): Tensor {
  const matrix = fromNumbers(rows.flat(), [rows.length, x.shape[axis]!], x.dtype);
  const isLast = axis === x.rank - 1;
  return isLast ? x.matmul(matrix.t()) : x.transpose(axis, -1).matmul(matrix.t()).transpose(axis, -1);
}

/** PyTorch's older name for `interpolate`. */
export function upsample(x: Tensor, options: InterpolateOptions): Tensor {
  return interpolate(x, options);
}

type SizeOrScale = Pick<InterpolateOptions, "size" | "scaleFactor">;

/** `interpolate` with mode "nearest". */
export function upsampleNearest(x: Tensor, options: SizeOrScale): Tensor {
  return interpolate(x, options);
}

/** `interpolate` with mode "bilinear", the corners of both being the same points. */
export function upsampleBilinear(x: Tensor, options: SizeOrScale): Tensor {
  return interpolate(x, { ...options, mode: "bilinear", alignCorners: true });
}

/** x [N, C · r², H, W] → [N, C, H · r, W · r]. Shi and others, 2016. */
export function pixelShuffle(x: Tensor, factor: number): Tensor {
  const [count, channels, height, width] = x.shape as [number, number, number, number];
  if (x.rank !== 4 || channels % factor ** 2 !== 0) {
    throw new EngineError(
      "shape",
      `pixelShuffle: the channels of x ${formatShape(x.shape)} do not divide by ${factor}²`,
    );
  }
  return composite("pixelShuffle", () =>
    x
      .reshape([count, channels / factor ** 2, factor, factor, height, width])
      .permute([0, 1, 4, 2, 5, 3])
      .reshape([count, channels / factor ** 2, height * factor, width * factor]),
  );
}
