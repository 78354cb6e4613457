import { checkOptions } from "../../context/options.ts";
import { composite } from "../../context/scope.ts";
import { describeValue } from "../../ops/operands.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { apply } from "../../ops/apply.ts";
import { pad as padOp } from "../../ops/padding.ts";
import { fromNumbers } from "../../core/creation.ts";
import type { Tensor } from "../../core/tensor.ts";

export interface PadOptions {
  readonly mode?: "constant" | "reflect" | "replicate" | "circular";
  /** What the frame is filled with in mode "constant". */
  readonly value?: number;
}

/**
 * A frame around x: `sizes` are [left, right] of the last axis, then [top, bottom] of the one before, and so on.
 * PyTorch: `torch.nn.functional.pad`.
 */
export function pad(x: Tensor, sizes: readonly number[], options: PadOptions = {}): Tensor {
  checkOptions("pad", options, ["mode", "value"]);
  const { mode = "constant", value = 0 } = options;
  expectSizes(sizes);
  if (sizes.length % 2 !== 0 || sizes.length > 2 * x.rank || sizes.some((size) => !Number.isInteger(size))) {
    throw new EngineError(
      "value",
      `pad: expected pairs of whole numbers for at most ${x.rank} axes of ${formatShape(x.shape)}, found ${formatShape(sizes)}`,
    );
  }
  const before = new Array<number>(x.rank).fill(0);
  const after = new Array<number>(x.rank).fill(0);
  for (let i = 0; i < sizes.length / 2; i++) {
    before[x.rank - 1 - i] = sizes[2 * i]!;
    after[x.rank - 1 - i] = sizes[2 * i + 1]!;
  }
  if (mode === "constant") return apply(padOp, [x], { before, after, value });
  const source = SOURCES[mode];
  if (source === undefined) {
    throw new EngineError(
      "value",
      `pad: mode must be "constant", "reflect", "replicate" or "circular", found "${mode}"`,
    );
  }
  const padded = sizes.length / 2;
  if (x.rank !== padded + 1 && x.rank !== padded + 2) {
    throw new EngineError(
      "shape",
      `pad: mode "${mode}" pads the last ${padded} axes of a tensor with ${padded + 1} or ${padded + 2}, this is ${formatShape(x.shape)}`,
    );
  }
  return composite("pad", () => {
    let out = x;
    for (let axis = x.rank - 1; axis >= 0; axis--) {
      const [left, right, size] = [before[axis]!, after[axis]!, x.shape[axis]!];
      if (left === 0 && right === 0) continue;
      const limit = mode === "reflect" ? size - 1 : mode === "circular" ? size : Infinity;
      if (Math.max(left, right) > limit || size === 0) {
        throw new EngineError(
          "shape",
          `pad: mode "${mode}" can add at most ${limit} to axis ${axis} of ${formatShape(x.shape)}, asked for ${left} and ${right}`,
        );
      }
      const positions = Array.from({ length: size + left + right }, (_, i) => source(i - left, size));
      out = out.indexSelect(axis, fromNumbers(positions, [positions.length], "int64"));
    }
    return out;
  });
}

/** Which element stands at a position that may lie outside. */
const SOURCES: Readonly<Record<string, (position: number, size: number) => number>> = {
  reflect: (position, size) => (position < 0 ? -position : position >= size ? 2 * (size - 1) - position : position),
  replicate: (position, size) => Math.min(size - 1, Math.max(0, position)),
  circular: (position, size) => (position + size) % size,
};

function expectSizes(sizes: unknown): void {
  if (Array.isArray(sizes)) return;
  throw new EngineError(
    "value",
    `pad: expected an array of sizes, two for each axis from the last on, found ${describeValue(sizes)}`,
  );
}
