import { noGrad } from "../../context/grad-mode.ts";
import { EngineError } from "../../context/engine-error.ts";
import { expectTensor } from "../../ops/operands.ts";
import { runtime } from "../../core/runtime.ts";
import { checkOptions, fromNumbers, leaf, sizesAndOptions, type SizesAndOptions } from "../../core/creation.ts";
import { noteDrawn } from "../../core/origin.ts";
import { nextCounter, randomSeed } from "../../core/random-state.ts";
import { broadcastShapes, checkSizes, elementCount, type Shape } from "../../core/shape.ts";
import { isFloating, Tensor, type TensorOptions } from "../../core/tensor.ts";

// Seeded by `manualSeed`; the same numbers on every machine and for any number of threads.

function draw(op: string, kind: "uniform" | "normal", args: SizesAndOptions): Tensor {
  const { shape, options } = sizesAndOptions(op, args);
  const dtype = options.dtype ?? "float32";
  if (!isFloating(dtype)) {
    throw new EngineError("dtype", `${op}: only floating-point tensors can be drawn, not ${dtype}`, {
      fix: "use randint",
    });
  }
  const out = Tensor.empty(shape, dtype);
  runtime.kernels[kind](out, randomSeed(), nextCounter(out.numel()));
  noteDrawn(out);
  return leaf(out, options);
}

/** Numbers in [0, 1), uniformly. PyTorch: `torch.rand`. */
export function rand(...sizes: SizesAndOptions): Tensor {
  return draw("rand", "uniform", sizes);
}

/** Numbers of the standard normal distribution. PyTorch: `torch.randn`. */
export function randn(...sizes: SizesAndOptions): Tensor {
  return draw("randn", "normal", sizes);
}

/** Numbers in [0, 1) of the shape and dtype of `x`. */
export function randLike(x: Tensor, options: TensorOptions = {}): Tensor {
  return draw("randLike", "uniform", [expectTensor("randLike", x).shape, { dtype: x.dtype, ...options }]);
}

/** Standard normal numbers of the shape and dtype of `x`. */
export function randnLike(x: Tensor, options: TensorOptions = {}): Tensor {
  return draw("randnLike", "normal", [expectTensor("randnLike", x).shape, { dtype: x.dtype, ...options }]);
}

/** Numbers of the normal distribution with the given mean and standard deviation. PyTorch: `torch.normal`. */
export function normal(mean: number | Tensor, std: number | Tensor): Tensor;
export function normal(mean: number, std: number, shape: Shape, options?: TensorOptions): Tensor;
export function normal(mean: number | Tensor, std: number | Tensor, shape?: Shape, given?: TensorOptions): Tensor {
  const options = checkOptions("normal", given);
  const lowest = std instanceof Tensor ? Math.min(...std.toFloat64Array()) : std;
  if (!(lowest >= 0 || lowest === Infinity)) {
    throw new EngineError("value", `normal: the standard deviation must not be negative, got ${lowest}`);
  }
  const of = [mean, std].filter((x) => x instanceof Tensor);
  const sizes = shape ?? of.reduce<Shape>((all, x) => broadcastShapes("normal", all, x.shape), []);
  const dtype = options.dtype ?? (of.some((x) => x.dtype === "float64") ? "float64" : "float32");
  const drawn = noGrad(() => draw("normal", "normal", [sizes, { dtype }]).mul(std).add(mean));
  return leaf(drawn, options);
}

/** Uniform numbers of 53 bits. */
function uniforms(count: number): Float64Array {
  const out = Tensor.empty([count], "float64");
  runtime.kernels.uniform(out, randomSeed(), nextCounter(count));
  return out.toFloat64Array();
}

/** Whole numbers from `low` (0 when left out) up to but not including `high`, int64. PyTorch: `torch.randint`. */
export function randint(high: number, shape: Shape, options?: TensorOptions): Tensor;
export function randint(low: number, high: number, shape: Shape, options?: TensorOptions): Tensor;
export function randint(
  first: number,
  second: number | Shape,
  third?: Shape | TensorOptions,
  fourth?: TensorOptions,
): Tensor {
  const [low, high] = typeof second === "number" ? [first, second] : [0, first];
  const shape = typeof second === "number" ? third : second;
  const options = checkOptions("randint", typeof second === "number" ? fourth : third);
  checkSizes("randint", shape);
  if (!Number.isInteger(low) || !Number.isInteger(high)) {
    throw new EngineError("value", `randint: bounds must be whole numbers, got ${low} and ${high}`);
  }
  if (low >= high) throw new EngineError("value", `randint: there is no whole number from ${low} to below ${high}`);
  const values = uniforms(elementCount(shape)).map((u) => low + Math.floor(u * (high - low)));
  return leaf(fromNumbers(values, shape, options.dtype ?? "int64"), options);
}

/** The whole numbers below `n` in random order, int64. PyTorch: `torch.randperm`. */
export function randperm(n: number, given: TensorOptions = {}): Tensor {
  const options = checkOptions("randperm", given);
  checkSizes("randperm", [n]);
  const order = Float64Array.from({ length: n }, (_, i) => i);
  const draws = uniforms(n);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(draws[i]! * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return fromNumbers(order, [n], options.dtype ?? "int64");
}

/** 1 with the probability that each element of `p` gives, else 0; of the dtype of `p`. PyTorch: `torch.bernoulli`. */
export function bernoulli(p: Tensor): Tensor {
  if (!(p instanceof Tensor)) throw new EngineError("value", "bernoulli: expected a tensor of probabilities");
  if (!isFloating(p.dtype))
    throw new EngineError("dtype", `bernoulli: probabilities must be floating-point, this is ${p.dtype}`);
  const values = p.toFloat64Array();
  const outside = values.find((value) => !(value >= 0 && value <= 1));
  if (outside !== undefined) throw new EngineError("value", `bernoulli: ${outside} is not a probability`);
  const draws = uniforms(values.length);
  return fromNumbers(
    values.map((value, i) => Number(draws[i]! < value)),
    p.shape,
    p.dtype,
  );
}

/**
 * Draws positions with the weights in the last axis of `weights` [n] or [rows, n]; int64 [count] or [rows, count].
 * PyTorch: `torch.multinomial`.
 */
export function multinomial(weights: Tensor, count: number, replacement = false): Tensor {
  if (!(weights instanceof Tensor)) throw new EngineError("value", "multinomial: expected a tensor of weights");
  if (weights.rank < 1 || weights.rank > 2) {
    throw new EngineError(
      "shape",
      `multinomial: expected weights [n] or [rows, n], found [${weights.shape.join(", ")}]`,
    );
  }
  if (!Number.isInteger(count) || count < 1)
    throw new EngineError("value", `multinomial: the number of draws must be positive, got ${count}`);
  const n = weights.shape[weights.rank - 1]!;
  const values = weights.toFloat64Array();
  const rows = weights.rank === 1 ? 1 : weights.shape[0]!;
  const draws = uniforms(rows * count);
  const out = new Float64Array(rows * count);
  for (let row = 0; row < rows; row++) {
    const left = values.slice(row * n, (row + 1) * n);
    if (left.some((weight) => !(weight >= 0) || weight === Infinity)) {
      throw new EngineError("value", "multinomial: weights must be finite and not negative");
    }
    const available = left.filter((weight) => weight > 0).length;
    if (available === 0 || (!replacement && available < count)) {
      throw new EngineError(
        "value",
        `multinomial: ${count} draws without replacement need as many weights above 0, there are ${available}`,
      );
    }
    for (let i = 0; i < count; i++) {
      const total = left.reduce((sum, weight) => sum + weight, 0);
      let rest = draws[row * count + i]! * total;
      let at = 0;
      while (at < n - 1 && (rest >= left[at]! || left[at] === 0)) rest -= left[at++]!;
      while (left[at] === 0) at--;
      out[row * count + i] = at;
      if (!replacement) left[at] = 0;
    }
  }
  return fromNumbers(out, [...weights.shape.slice(0, -1), count], "int64");
}
