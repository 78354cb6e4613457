import { checkOptions } from "../../context/options.ts";
import { composite } from "../../context/scope.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { checkSizes } from "../../core/shape.ts";
import { expectToFit, fromNumbers } from "../../core/creation.ts";
import type { Tensor } from "../../core/tensor.ts";

export interface InterpolateOptions {
  /** Sizes of the spatial axes of the result; or how often to repeat what there is. */
  readonly size?: number | readonly number[];
  readonly scaleFactor?: number | readonly number[];
}

/** x [N, C, ...] with its spatial axes brought to another size, each element being the nearest that there was. */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  checkOptions("interpolate", options, ["size", "scaleFactor"]);
  const spatial = x.shape.slice(2);
  const { size, scaleFactor } = options;
  const given = size ?? scaleFactor;
  if (given === undefined || spatial.length === 0) {
    throw new EngineError(
      "value",
      `interpolate: needs size or scaleFactor, and x [N, C, ...], found ${formatShape(x.shape)}`,
    );
  }
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
      if (scale === count / old && Number.isInteger(scale)) {
        out = repeated(out, i + 2, scale);
        return;
      }
      const sources = new Float64Array(count);
      for (let at = 0; at < count; at++) sources[at] = Math.min(old - 1, Math.floor(at / scale));
      out = out.indexSelect(i + 2, fromNumbers(sources, [count], "int64"));
    });
    return out;
  });
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
