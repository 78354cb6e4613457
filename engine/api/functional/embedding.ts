import { checkOptions } from "../../context/options.ts";
import { EngineError } from "../../context/engine-error.ts";
import { composite } from "../../context/scope.ts";
import { select } from "../../ops/selection.ts";
import { apply } from "../../ops/apply.ts";
import { embedding as embeddingOp } from "../../ops/embedding.ts";
import { stack } from "../tensor/functions.ts";
import { fromNumbers } from "../../core/creation.ts";
import { readElements } from "../../core/elements.ts";
import type { Tensor } from "../../core/tensor.ts";
import { originOfResult, tracksOrigins } from "../../core/origin.ts";

/** Rows of `table` [count, size] by int64 ids [...]; the row `paddingIdx` gets no gradient. */
export function embedding(ids: Tensor, table: Tensor, options: { readonly paddingIdx?: number | null } = {}): Tensor {
  checkOptions("embedding", options, ["paddingIdx"]);
  const given = options.paddingIdx ?? null;
  const paddingIdx = given !== null && given < 0 ? given + table.shape[0]! : given;
  if (paddingIdx !== null && !(paddingIdx >= 0 && paddingIdx < table.shape[0]!)) {
    throw new EngineError(
      "value",
      `embedding: paddingIdx ${given} is out of range: the table has ${table.shape[0]} rows`,
    );
  }
  const rows = (): Tensor => apply(embeddingOp, [table, ids]);
  if (paddingIdx === null || !table.requiresGrad || ids.dtype !== "int64") return rows();
  if (!readElements(ids).includes(paddingIdx)) return rows();
  // The padding's rows are read and yet not learned: to the gradient they are constants.
  return composite("embedding", () => {
    const looked = rows();
    return select(ids.eq(paddingIdx).unsqueeze(-1), looked.detach(), looked);
  });
}

const ONE_HOT = { id: "oneHot", name: "oneHot" };

/** int64 [..., numClasses] with 1 at each id and 0 elsewhere; as many classes as there are by default. */
export function oneHot(ids: Tensor, numClasses = -1): Tensor {
  if (ids.dtype !== "int64") {
    throw new EngineError("dtype", `oneHot: ids must be int64, these are ${ids.dtype}`, {
      fix: 'create them with { dtype: "int64" }',
    });
  }
  const list = readElements(ids);
  const classes = numClasses === -1 ? list.reduce((most, id) => Math.max(most, id + 1), 0) : numClasses;
  const hot = new Float64Array(list.length * classes);
  list.forEach((id, i) => {
    if (id < 0 || id >= classes) {
      throw new EngineError("value", `oneHot: id ${id} is out of range: there are ${classes} classes`);
    }
    hot[i * classes + id] = 1;
  });
  const out = fromNumbers(hot, [...ids.shape, classes], "int64");
  if (tracksOrigins()) out.origin = originOfResult(ONE_HOT, { classes }, [ids], out);
  return out;
}

export interface EmbeddingBagOptions {
  /** Where each bag starts in a list of ids. */
  readonly offsets?: Tensor | null;
  readonly mode?: "mean" | "sum" | "max";
  readonly perSampleWeights?: Tensor | null;
}

/** What the rows of table at the ids of each bag come to. ids [N, L], or [ids] with offsets. PyTorch: `F.embedding_bag`. */
export function embeddingBag(ids: Tensor, table: Tensor, options: EmbeddingBagOptions = {}): Tensor {
  checkOptions("embeddingBag", options, ["offsets", "mode", "perSampleWeights"]);
  const { offsets = null, mode = "mean", perSampleWeights: weights = null } = options;
  if (ids.rank === 1 && offsets === null) {
    throw new EngineError("value", "embeddingBag: a list of ids needs offsets: where each bag starts");
  }
  if (weights !== null && mode !== "sum") {
    throw new EngineError("value", `embeddingBag: perSampleWeights are for mode "sum", this is "${mode}"`);
  }
  return composite("embeddingBag", () => {
    const rows = embedding(ids, table);
    const weighted = weights === null ? rows : rows.mul(weights.unsqueeze(-1));
    const reduced = (bag: Tensor): Tensor =>
      mode === "sum" ? bag.sum(-2) : mode === "mean" ? bag.mean(-2) : bag.amax(-2);
    if (ids.rank === 2) return reduced(weighted);
    const starts = [...readElements(offsets!), ids.shape[0]!];
    const bags = starts.slice(0, -1).map((start, i) => {
      const length = starts[i + 1]! - start;
      return length === 0 ? table.select(0, 0).mul(0).detach() : reduced(weighted.narrow(0, start, length));
    });
    return stack(bags, 0);
  });
}
