import { EngineError } from "../../context/engine-error.ts";
import { Tensor } from "../../core/tensor.ts";
import type { SiteId } from "../../protocol/ids.ts";

/**
 * What instrumented code calls around a condition that may be a comparison of tensors: whatever such a tensor holds,
 * JavaScript takes the branch.
 * @throws EngineError when it is a tensor
 */
export function __tested<T>(id: number, value: T): T {
  if (typeof value !== "object" || value === null || !Tensor.is(value)) return value;
  const one = value.numel() === 1;
  throw new EngineError(
    "value",
    "a tensor stands for true or false: JavaScript takes any object for true, whatever is in it",
    {
      site: id as SiteId,
      fix: one
        ? "write .item() after it"
        : "write .all().item() or .any().item() after it; to choose element by element, where(condition, a, b)",
    },
  );
}
