import { GradNode } from "../core/grad-node.ts";
import { currentScope } from "../context/scope.ts";
import { currentSite } from "../context/site.ts";
import { defineOp, type Op } from "./op.ts";
import type { Attributes } from "../recording/attributes.ts";
import type { Tensor } from "../core/tensor.ts";

/**
 * One output of a custom Function that has several. It computes nothing: the backward pass collects the cotangents of
 * all outputs before the Function's own backward runs.
 */
export const output = defineOp<{ readonly index: number }>({
  id: "output",
  name: "output",
  view: (tuple) => ({ shape: tuple.shape, strides: tuple.strides, offset: tuple.elementOffset }),
  vjp: [null],
  saves: [],
  formula: { forward: "y_i", backward: ["\\bar y_i"] },
});

export function outputIndex(attributes: Attributes): number {
  return Number(attributes["index"]);
}

/** The node of output `index`, `result`, of the Function whose node `carrier` holds. */
export function outputNode(carrier: Tensor, result: Tensor, index: number): GradNode {
  // A record is only ever asked about the attributes it was applied to.
  const op = output as unknown as Op;
  return new GradNode(op, null, { index }, [carrier], result, currentSite(), currentScope());
}
