import { runtime } from "../core/runtime.ts";
import { Tensor } from "../core/tensor.ts";
import { apply } from "./apply.ts";
import { dense } from "./dense.ts";
import { defineOp, type Op } from "./op.ts";
import { namedResults, type InOrder } from "./named-results.ts";

type Order = { readonly dim: number; readonly descending: boolean };

/** Positions that put the elements along `dim` in order; equal ones keep theirs, NaN counts as largest. int64. */
export const argsort: Op<Order> = defineOp<Order>({
  id: "argsort",
  name: "argsort",
  infer: ([x]) => ({ shape: x!.shape, dtype: "int64" }),
  compute: ([x], { dim, descending }, out) => {
    if (x!.numel() === 0) return;
    if (x!.rank === 0 || dim === x!.rank - 1) {
      runtime.kernels.sort(dense(x!), descending, null, out);
      return;
    }
    const rows = dense(x!.detach().transpose(dim, -1));
    const order = Tensor.empty(rows.shape, "int64");
    runtime.kernels.sort(rows, descending, null, order);
    runtime.kernels.copy(order.transpose(dim, -1), out);
  },
  vjp: [],
  saves: [],
  formula: { forward: "\\operatorname{argsort} x", backward: [] },
});

/** Elements and positions in order; the gradient goes back to where each element came from. */
export function sorted(x: Tensor, order: Order): { readonly values: Tensor; readonly indices: Tensor } & InOrder {
  const indices = apply(argsort, [x], order);
  return namedResults({ values: x.rank === 0 ? x.clone() : x.gather(order.dim, indices), indices });
}
