import { fromNumbers } from "../../core/creation.ts";
import type { Tensor } from "../../core/tensor.ts";
import { TensorDataset } from "./dataset.ts";
import { strokesOf, type Point } from "./digit-strokes.ts";
import { RandomStream } from "./random-stream.ts";

export interface DigitsOptions {
  readonly seed?: number;
  /** How far the pens stray: 0 gives the same ten drawings again and again. */
  readonly jitter?: number;
  /** Standard deviation of what is added to each pixel. */
  readonly noise?: number;
}

/** Images [N, 1, 28, 28] with ink between 0 and 1, and the digits they show, int64 [N]. */
export type LabelledImages = TensorDataset<readonly [images: Tensor, labels: Tensor]>;

const SIZE = 28;

/**
 * Rendered digits: pen strokes that are shifted, turned, slanted, stretched and thickened at random. The same `seed`
 * gives the same images; a test set is another seed.
 */
export function digits(count: number, { seed = 0, jitter = 1, noise = 0.05 }: DigitsOptions = {}): LabelledImages {
  const random = new RandomStream(seed);
  const images = new Float32Array(count * SIZE * SIZE);
  const labels = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const digit = random.below(10);
    labels[i] = digit;
    draw(images.subarray(i * SIZE * SIZE, (i + 1) * SIZE * SIZE), digit, jitter, noise, random);
  }
  return new TensorDataset(
    fromNumbers(images, [count, 1, SIZE, SIZE], "float32"),
    fromNumbers(labels, [count], "int64"),
  );
}

function draw(pixels: Float32Array, digit: number, jitter: number, noise: number, random: RandomStream): void {
  const place = hand(jitter, random);
  const thickness = 1.1 + 0.45 * jitter * random.uniform(-1, 1);
  for (const stroke of random.pick(strokesOf(digit))) {
    const path = stroke.map((point) =>
      place([point[0] + random.normal(0, 0.016 * jitter), point[1] + random.normal(0, 0.016 * jitter)]),
    );
    for (let i = 1; i < path.length; i++) segment(pixels, path[i - 1]!, path[i]!, thickness);
  }
  if (noise === 0) return;
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.min(1, Math.max(0, pixels[i]! + random.normal(0, noise)));
}

/** One person's hand on one day: from the unit square, y down, to pixels. */
function hand(jitter: number, random: RandomStream): (point: Point) => Point {
  const angle = 0.16 * jitter * random.normal();
  const slant = 0.16 * jitter * random.normal();
  const width = 14 * Math.exp(0.13 * jitter * random.normal());
  const height = 19 * Math.exp(0.08 * jitter * random.normal());
  const [dx, dy] = [1.3 * jitter * random.normal(), 1.3 * jitter * random.normal()];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return ([px, py]) => {
    const y = (py - 0.5) * height;
    const x = (px - 0.5) * width - slant * y;
    return [SIZE / 2 + dx + cos * x - sin * y, SIZE / 2 + dy + sin * x + cos * y];
  };
}

/** Inks the pixels near a segment, fading over one pixel at the edge. */
function segment(pixels: Float32Array, [ax, ay]: Point, [bx, by]: Point, thickness: number): void {
  const reach = thickness + 0.5;
  const lowX = Math.max(0, Math.floor(Math.min(ax, bx) - reach));
  const highX = Math.min(SIZE - 1, Math.ceil(Math.max(ax, bx) + reach));
  const lowY = Math.max(0, Math.floor(Math.min(ay, by) - reach));
  const highY = Math.min(SIZE - 1, Math.ceil(Math.max(ay, by) + reach));
  const [ux, uy] = [bx - ax, by - ay];
  const squared = ux * ux + uy * uy;
  for (let y = lowY; y <= highY; y++) {
    for (let x = lowX; x <= highX; x++) {
      const [vx, vy] = [x + 0.5 - ax, y + 0.5 - ay];
      const along = squared === 0 ? 0 : Math.min(1, Math.max(0, (vx * ux + vy * uy) / squared));
      const ink = thickness + 0.5 - Math.hypot(vx - along * ux, vy - along * uy);
      if (ink > pixels[y * SIZE + x]!) pixels[y * SIZE + x] = Math.min(1, ink);
    }
  }
}
