import { EngineError, formatShape } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import { readElements } from "../core/elements.ts";
import type { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { apply } from "./apply.ts";
import { dense, requireOneFloat, shaped } from "./dense.ts";
import { defineOp, type Op } from "./op.ts";

type BackwardAttributes = { readonly shape: readonly number[] };

function flat(ids: Tensor): View {
  return shaped(dense(ids), [ids.numel()]);
}

/** The table's cotangent from the rows' g [..., size]: each is added where its id says. Inputs: g, ids. */
const embeddingBackward: Op<BackwardAttributes> = defineOp<BackwardAttributes>({
  id: "embeddingBackward",
  name: "embeddingBackward",
  infer: ([g], { shape }) => ({ shape, dtype: g!.dtype }),
  compute: ([g, ids], { shape }, out) => {
    const [, size] = shape as readonly [number, number];
    runtime.kernels.fill(out, 0);
    runtime.kernels.addRows(out, flat(ids!), shaped(dense(g!), [ids!.numel(), size]));
  },
  vjp: [(h, at) => apply(embedding, [h, at.input(1)]), null],
  saves: [1],
  formula: { forward: "\\sum_{n:\\, i_n = r} g_n", backward: ["\\bar z_{i_n}", ""] },
});

/** Rows of a table [count, size] by int64 ids [...] → [..., size]. Inputs: table, ids. */
export const embedding: Op = defineOp({
  id: "embedding",
  name: "embedding",
  infer: ([table, ids]) => {
    requireOneFloat("embedding", [table!]);
    if (table!.rank !== 2) {
      throw new EngineError("shape", `embedding: the table must be [count, size], found ${formatShape(table!.shape)}`);
    }
    if (ids!.dtype !== "int64") {
      throw new EngineError("dtype", `embedding: ids must be int64, these are ${ids!.dtype}`, {
        fix: 'create them with { dtype: "int64" }',
      });
    }
    const [count, size] = table!.shape as [number, number];
    for (const id of readElements(ids!)) {
      if (id < 0 || id >= count) {
        throw new EngineError("value", `embedding: id ${id} is out of range: the table has ${count} rows`, {
          fix: `ids count from 0 to ${count - 1}`,
        });
      }
    }
    return { shape: [...ids!.shape, size], dtype: table!.dtype };
  },
  compute: ([table, ids], _, out) =>
    runtime.kernels.indexRows(dense(table!), flat(ids!), shaped(out, [ids!.numel(), table!.shape[1]!])),
  vjp: [(g, at) => apply(embeddingBackward, [g, at.input(1)], { shape: at.shape(0) }), null],
  saves: [1],
  formula: { forward: "W_{i_n}", backward: ["\\sum_{n:\\, i_n = r} \\bar y_n", ""] },
});
