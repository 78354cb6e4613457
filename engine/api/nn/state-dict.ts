import { noGrad } from "../../context/grad-mode.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { convert } from "../../ops/conversion.ts";
import type { DType } from "../../protocol/dtype.ts";
import { runtime } from "../../core/runtime.ts";
import { sameShape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { isUninitialized, materialize } from "./uninitialized.ts";

/** Parameters and buffers of a module by path. */
export type StateDict = Record<string, Tensor>;

export interface LoadResult {
  readonly missingKeys: string[];
  readonly unexpectedKeys: string[];
}

/** `running_mean` and `runningMean` are one name: PyTorch's files use the first, TypeScript the second. */
function canonical(path: string): string {
  return path.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Copies the values of `state` into `own`, by path. See `Module.loadStateDict`. */
export function load(owner: string, own: ReadonlyMap<string, Tensor>, state: StateDict, strict: boolean): LoadResult {
  const given = new Map(Object.keys(state).map((key) => [canonical(key), key]));
  const missingKeys: string[] = [];
  const used = new Set<string>();
  const copies: [Tensor, Tensor][] = [];
  for (const [path, target] of own) {
    const key = path in state ? path : given.get(canonical(path));
    const source = key === undefined ? undefined : state[key];
    if (key === undefined || source === undefined) {
      // PyTorch's older files lack it, and its plain dictionaries may.
      if (!canonical(path).endsWith("numBatchesTracked")) missingKeys.push(path);
      continue;
    }
    used.add(key);
    if (isUninitialized(target)) materialize(target, source.shape);
    if (!sameShape(source.shape, target.shape)) {
      throw new EngineError(
        "shape",
        `loadStateDict: ${key} has shape ${formatShape(source.shape)}, ${owner} needs ${formatShape(target.shape)}`,
      );
    }
    copies.push([source, target]);
  }
  const unexpectedKeys = Object.keys(state).filter((key) => !used.has(key));
  if (strict && missingKeys.length > 0) {
    throw new EngineError("value", `loadStateDict: ${owner} misses ${missingKeys.join(", ")}`, {
      fix: unexpectedKeys.length > 0 ? `the state has ${unexpectedKeys.join(", ")} instead` : "add it to the state",
    });
  }
  if (strict && unexpectedKeys.length > 0) {
    throw new EngineError("value", `loadStateDict: ${owner} has no ${unexpectedKeys.join(", ")}`, {
      fix: "pass { strict: false } to leave it out",
    });
  }
  for (const [given, target] of copies) {
    // A module's own state shares its memory, and a write that moves leaves nothing to read there.
    const source = given.storage === target.storage ? noGrad(() => given.clone()) : given;
    target.storage.prepareWrite(target.numel() !== target.storage.length);
    runtime.kernels.copy(source, target);
  }
  return { missingKeys, unexpectedKeys };
}

/** The values in another dtype, outside the graph. */
export function convertTo(x: Tensor, dtype: DType): Tensor {
  return noGrad(() => convert(x, dtype));
}
