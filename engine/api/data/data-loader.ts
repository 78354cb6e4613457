import { noGrad } from "../../context/grad-mode.ts";
import { EngineError } from "../../context/engine-error.ts";
import { checkOptions } from "../../context/options.ts";
import { fromNumbers } from "../../core/creation.ts";
import { drawSeed } from "../../core/random-state.ts";
import { apply } from "../../ops/apply.ts";
import { stack } from "../../ops/rearrangements.ts";
import { Tensor } from "../../core/tensor.ts";
import { Subset, TensorDataset, type Dataset } from "./dataset.ts";
import { RandomStream } from "./random-stream.ts";

export interface DataLoaderOptions<T, B> {
  readonly batchSize?: number;
  /** A new random order in every round. */
  readonly shuffle?: boolean;
  /** Leave out a last batch that is not full. */
  readonly dropLast?: boolean;
  /** Makes the orders depend on this alone; without it they follow `manualSeed`. */
  readonly seed?: number;
  /** Makes a batch of a list of examples. */
  readonly collate?: (examples: readonly T[]) => B;
}

/** Iterates over a dataset in batches. PyTorch: `torch.utils.data.DataLoader`. */
export class DataLoader<T = readonly Tensor[], B = T> implements Iterable<B> {
  readonly dataset: Dataset<T>;
  readonly batchSize: number;
  readonly #options: DataLoaderOptions<T, B>;
  readonly #stream: RandomStream | null;

  /** `source` may be a list of examples. */
  constructor(source: Dataset<T> | readonly T[], options: DataLoaderOptions<T, B> = {}) {
    checkOptions("DataLoader", options, ["batchSize", "shuffle", "dropLast", "seed", "collate"]);
    const { batchSize = 1, seed } = options;
    const dataset = isList(source) ? { length: source.length, get: (index: number) => source[index] as T } : source;
    if (typeof (dataset as Partial<Dataset<T>> | null)?.get !== "function" || !Number.isInteger(dataset.length)) {
      throw new EngineError(
        "value",
        "DataLoader: expected a dataset, with length and get(index), or an array of examples",
        {
          fix: "make one of tensors: new data.TensorDataset(x, y)",
        },
      );
    }
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new EngineError("value", `DataLoader: batchSize must be a whole number above 0, found ${batchSize}`);
    }
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.#options = options;
    this.#stream = seed === undefined ? null : new RandomStream(seed);
  }

  /** The number of batches. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.#options.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  *[Symbol.iterator](): Generator<B> {
    const { shuffle = false } = this.#options;
    const count = this.dataset.length;
    const order = shuffle
      ? (this.#stream ?? new RandomStream(drawSeed())).permutation(count)
      : Array.from({ length: count }, (_, i) => i);
    for (let i = 0; i < this.length; i++) {
      yield this.#batch(order.slice(i * this.batchSize, (i + 1) * this.batchSize));
    }
  }

  #batch(indices: number[]): B {
    const { collate } = this.#options;
    if (collate) return collate(indices.map((index) => this.dataset.get(index)));
    let source: Dataset<unknown> = this.dataset;
    let picked = indices;
    while (source instanceof Subset) {
      const { indices: inner } = source as Subset<unknown>;
      picked = picked.map((index) => inner[index]!);
      source = (source as Subset<unknown>).dataset;
    }
    if (source instanceof TensorDataset) return source.batch(picked) as B;
    return collateExamples(indices.map((index) => this.dataset.get(index))) as B;
  }
}

function isList<T>(source: Dataset<T> | readonly T[]): source is readonly T[] {
  return Array.isArray(source);
}

/** Stacks tensors, makes tensors of numbers, and does so inside arrays and objects, example by example. */
function collateExamples(examples: readonly unknown[]): unknown {
  const first = examples[0];
  if (first instanceof Tensor) return noGrad(() => apply(stack, examples as readonly Tensor[], { dim: 0 }));
  if (typeof first === "number") {
    const numbers = examples as readonly number[];
    return fromNumbers(numbers, [numbers.length], numbers.every(Number.isInteger) ? "int64" : "float32");
  }
  if (typeof first === "boolean") return fromNumbers(examples as readonly boolean[], [examples.length], "bool");
  if (Array.isArray(first)) {
    return first.map((_, i) => collateExamples(examples.map((example) => (example as unknown[])[i])));
  }
  if (typeof first === "object" && first !== null) {
    const keys = Object.keys(first);
    return Object.fromEntries(
      keys.map((key) => [
        key,
        collateExamples(examples.map((example): unknown => Reflect.get(example as object, key))),
      ]),
    );
  }
  return examples;
}
