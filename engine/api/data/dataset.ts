import { EngineError } from "../../context/engine-error.ts";
import { dense } from "../../ops/dense.ts";
import { runtime } from "../../core/runtime.ts";
import { denseStrides } from "../../core/shape.ts";
import { fromNumbers } from "../../core/creation.ts";
import { originOfResult, tracksOrigins } from "../../core/origin.ts";
import { Tensor } from "../../core/tensor.ts";
import { RandomStream } from "./random-stream.ts";

/** Examples by number. PyTorch: a map-style `torch.utils.data.Dataset`. */
export interface Dataset<T = readonly Tensor[]> {
  readonly length: number;
  get(index: number): T;
}

/** @throws EngineError unless `index` counts an example from 0. */
function requireExample(owner: string, index: unknown, length: number): void {
  if (typeof index === "number" && Number.isInteger(index) && index >= 0 && index < length) return;
  throw new EngineError(
    "value",
    `${owner}: there is no example ${String(index)}, they are counted from 0 to ${length - 1}`,
  );
}

/** How a batch is made of a dataset, to whoever asks where its values come from. */
const PICK = { id: "indexSelect", name: "batch" };

/** Tensors whose first axis counts the examples. PyTorch: `TensorDataset`. */
export class TensorDataset<T extends readonly Tensor[] = readonly Tensor[]> implements Dataset<T> {
  readonly tensors: T;
  readonly length: number;
  readonly #sources: readonly Tensor[];

  /** @throws EngineError unless all tensors have as many examples. */
  constructor(...tensors: T) {
    const sizes = tensors.map((tensor) => tensor.shape[0]);
    if (sizes.length === 0 || sizes.some((size) => size === undefined || size !== sizes[0])) {
      throw new EngineError(
        "shape",
        `TensorDataset: the tensors must have as many examples each, found ${sizes.join(", ")}`,
      );
    }
    this.tensors = tensors;
    this.length = sizes[0]!;
    this.#sources = tensors.map((tensor) => (tensor.requiresGrad ? tensor : dense(tensor)));
  }

  /** Example `index` of each tensor. A view of it. */
  get(index: number): T {
    requireExample("TensorDataset", index, this.length);
    const rows = this.tensors.map((tensor) => {
      const [, ...shape] = tensor.shape;
      return new Tensor(
        tensor.storage,
        shape,
        tensor.strides.slice(1),
        tensor.elementOffset + index * tensor.strides[0]!,
      );
    });
    return rows as readonly Tensor[] as T;
  }

  /** The examples `indices` of each tensor, copied together. */
  batch(indices: readonly number[]): T {
    for (const one of indices) requireExample("TensorDataset", one, this.length);
    const index = fromNumbers(indices, [indices.length], "int64");
    const inOrder = indices.every((one, i) => i === 0 || one === indices[i - 1]! + 1);
    const batches = this.#sources.map((source) => {
      const [count, ...shape] = source.shape as [number, ...number[]];
      const width = source.numel() / Math.max(1, count);
      const out = Tensor.empty([indices.length, ...shape], source.dtype);
      const asRows = (x: Tensor, rows: number): Parameters<typeof runtime.kernels.indexRows>[0] => ({
        dtype: x.dtype,
        offset: x.offset,
        shape: [rows, width],
        strides: denseStrides([rows, width]),
      });
      runtime.kernels.indexRows(asRows(dense(source), count), index, asRows(out, indices.length));
      if (tracksOrigins())
        out.origin = originOfResult(PICK, { dim: 0, ...(inOrder && { first: indices[0] }) }, [source, index], out);
      return out;
    });
    return batches as readonly Tensor[] as T;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }
}

/** Some examples of a dataset. PyTorch: `Subset`. */
export class Subset<T> implements Dataset<T> {
  readonly dataset: Dataset<T>;
  readonly indices: readonly number[];

  constructor(dataset: Dataset<T>, indices: readonly number[]) {
    for (const index of indices) requireExample("Subset", index, dataset.length);
    this.dataset = dataset;
    this.indices = indices;
  }

  get length(): number {
    return this.indices.length;
  }

  get(index: number): T {
    requireExample("Subset", index, this.length);
    return this.dataset.get(this.indices[index]!);
  }
}

/** Splits a dataset at random into parts of the given sizes. PyTorch: `random_split`. */
export function randomSplit<T>(
  dataset: Dataset<T>,
  sizes: readonly number[],
  options: { readonly seed?: number } = {},
): Subset<T>[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== dataset.length) {
    throw new EngineError(
      "value",
      `randomSplit: the sizes sum to ${total}, the dataset has ${dataset.length} examples`,
    );
  }
  const order = new RandomStream(options.seed ?? 0).permutation(dataset.length);
  let at = 0;
  return sizes.map((size) => new Subset(dataset, order.slice(at, (at += size))));
}
