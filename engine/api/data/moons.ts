import { fromNumbers } from "../../core/creation.ts";
import type { Tensor } from "../../core/tensor.ts";
import { TensorDataset } from "./dataset.ts";
import { RandomStream } from "./random-stream.ts";

export interface PointsOptions {
  /** Standard deviation of what is added to each coordinate. */
  readonly noise?: number;
  readonly seed?: number;
}

/** Points [N, 2] and their classes, int64 [N], in random order. */
export type LabelledPoints = TensorDataset<readonly [points: Tensor, classes: Tensor]>;

/** Two half circles that reach into each other, classes 0 and 1. scikit-learn: `make_moons`. */
export function moons(count: number, { noise = 0.1, seed = 0 }: PointsOptions = {}): LabelledPoints {
  const outer = Math.floor(count / 2);
  return scattered(count, noise, seed, (i) => {
    if (i < outer) {
      const angle = (Math.PI * i) / Math.max(1, outer - 1);
      return [Math.cos(angle), Math.sin(angle), 0];
    }
    const angle = (Math.PI * (i - outer)) / Math.max(1, count - outer - 1);
    return [1 - Math.cos(angle), 0.5 - Math.sin(angle), 1];
  });
}

/** Arms of a spiral around the origin, one a class. */
export function spirals(
  count: number,
  {
    noise = 0.05,
    seed = 0,
    classes = 3,
    turns = 0.75,
  }: PointsOptions & {
    readonly classes?: number;
    /** How often each arm winds around the origin. */
    readonly turns?: number;
  } = {},
): LabelledPoints {
  return scattered(count, noise, seed, (i) => {
    const arm = i % classes;
    const radius = (Math.floor(i / classes) + 1) / Math.ceil(count / classes);
    const angle = 2 * Math.PI * (turns * radius + arm / classes);
    return [radius * Math.cos(angle), radius * Math.sin(angle), arm];
  });
}

function scattered(
  count: number,
  noise: number,
  seed: number,
  place: (i: number) => readonly [x: number, y: number, label: number],
): LabelledPoints {
  const random = new RandomStream(seed);
  const points = new Float64Array(2 * count);
  const labels = new Float64Array(count);
  random.permutation(count).forEach((position, i) => {
    const [x, y, label] = place(i);
    points[2 * position] = x + random.normal(0, noise);
    points[2 * position + 1] = y + random.normal(0, noise);
    labels[position] = label;
  });
  return new TensorDataset(fromNumbers(points, [count, 2], "float32"), fromNumbers(labels, [count], "int64"));
}
