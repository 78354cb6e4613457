import { EngineError } from "../../context/engine-error.ts";
import { Tensor } from "../../core/tensor.ts";
import type { SiteId } from "../../protocol/ids.ts";

/**
 * What instrumented code calls around an operand of `+` or `+=`, with the other one: with a number or another tensor,
 * JavaScript joins a tensor to a text, and the sum is lost. What is joined to a text is meant as one.
 * @throws EngineError when both are summands and one is a tensor
 */
export function __added<T>(id: number, value: T, other: unknown): T {
  if (typeof value !== "object" && typeof other !== "object") return value;
  if (!isSummand(value) || !isSummand(other) || !(isTensor(value) || isTensor(other))) return value;
  throw new EngineError("value", "JavaScript's + does not add tensors: it joins their texts, and the sum is lost", {
    site: id as SiteId,
    fix: "write a.add(b), or total = total.add(loss); where numbers are meant, loss.item()",
  });
}

function isTensor(value: unknown): boolean {
  return typeof value === "object" && value !== null && Tensor.is(value);
}

function isSummand(value: unknown): boolean {
  return (
    typeof value === "number" || typeof value === "boolean" || value === undefined || value === null || isTensor(value)
  );
}
