import { checkOptions } from "../../context/options.ts";
import { composite } from "../../context/scope.ts";
import { broadcastShapes } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";

/** ⟨a, b⟩ / (max(‖a‖, ε) max(‖b‖, ε)) along `dim`. PyTorch: `torch.nn.functional.cosine_similarity`. */
export function cosineSimilarity(
  a: Tensor,
  b: Tensor,
  options: { readonly dim?: number; readonly eps?: number } = {},
): Tensor {
  checkOptions("cosineSimilarity", options, ["dim", "eps"]);
  const { dim = 1, eps = 1e-8 } = options;
  broadcastShapes("cosineSimilarity", a.shape, b.shape);
  return composite("cosineSimilarity", () => {
    const scale = a
      .norm(2, dim)
      .clamp({ min: eps })
      .mul(b.norm(2, dim).clamp({ min: eps }));
    return a.mul(b).sum(dim).div(scale);
  });
}

/** The p-norm of a − b + ε along the last axis. PyTorch: `torch.nn.functional.pairwise_distance`. */
export function pairwiseDistance(
  a: Tensor,
  b: Tensor,
  options: { readonly p?: number; readonly eps?: number; readonly keepdim?: boolean } = {},
): Tensor {
  checkOptions("pairwiseDistance", options, ["p", "eps", "keepdim"]);
  const { p = 2, eps = 1e-6, keepdim = false } = options;
  broadcastShapes("pairwiseDistance", a.shape, b.shape);
  return composite("pairwiseDistance", () => a.sub(b).add(eps).norm(p, -1, keepdim));
}
