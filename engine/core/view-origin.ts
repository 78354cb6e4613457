import type { Tensor } from "./tensor.ts";

/** Why a view cannot be written in place while gradients are recorded, in the place of its generation. */
export const ViewOrigin = {
  /** It was made inside `noGrad`: the graph does not know it. */
  noGrad: -1,
  /** It is one of several views that one call returned, less its base's generation at the time. */
  several: -2,
} as const;

/** Marks a view as one of several that one call returns: PyTorch lets nobody write those in place. */
export function oneOfSeveral(view: Tensor): Tensor {
  if (view.generation >= 0) view.generation = ViewOrigin.several - view.generation;
  return view;
}
