import { backward as run } from "../../autograd/backward.ts";
import { EngineError } from "../../context/engine-error.ts";
import { Tensor } from "../../core/tensor.ts";

/** What model files see as `autograd`. */
export { grad } from "../../autograd/backward.ts";
export { Context, Function } from "../../autograd/function.ts";
export * as functional from "./functional.ts";

/** Runs one backward pass from several tensors at once. PyTorch: `torch.autograd.backward`. */
export function backward(
  tensors: Tensor | readonly Tensor[],
  gradTensors?: Tensor | readonly (Tensor | null)[] | null,
  options: { readonly retainGraph?: boolean; readonly createGraph?: boolean } = {},
): void {
  const roots = tensors instanceof Tensor ? [tensors] : [...tensors];
  const cotangents = gradTensors instanceof Tensor ? [gradTensors] : (gradTensors ?? undefined);
  if (cotangents !== undefined && cotangents.length !== roots.length) {
    throw new EngineError(
      "autograd",
      `backward: ${cotangents.length} gradients do not fit ${roots.length} tensors to start from`,
    );
  }
  run(roots, { ...options, cotangents });
}
