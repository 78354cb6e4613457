import type { NodeStatistics, PassGraph } from "../../protocol/graph.ts";
import type { NodeId } from "../../protocol/ids.ts";
import { STATISTIC, type ElementExplanation, type NodeDetail, type TensorSummary } from "../../protocol/inspection.ts";
import type { WhatIf } from "../../protocol/what-if.ts";
import { firstOf } from "./answers.ts";
import type { NodeNames } from "./node-names.ts";

const MOST_CONSUMERS = 30;
const MOST_TERMS = 30;
const MOST_CHANGED = 30;
/** Elements that are told of each tensor that a what-if changes. */
const MOST_ELEMENTS = 16;

/** A tensor in numbers; its elements where there are few. */
export function describeTensor({ shape, dtype, statistics, elements }: TensorSummary): unknown {
  const infinities = statistics[STATISTIC.positiveInfinities]! + statistics[STATISTIC.negativeInfinities]!;
  return {
    shape,
    dtype,
    min: statistics[STATISTIC.min],
    max: statistics[STATISTIC.max],
    mean: statistics[STATISTIC.mean],
    std: statistics[STATISTIC.std],
    norm: statistics[STATISTIC.norm],
    zeros: statistics[STATISTIC.zeros],
    ...(statistics[STATISTIC.nans]! > 0 && { nans: statistics[STATISTIC.nans] }),
    ...(infinities > 0 && { infinities }),
    ...(elements && { elements }),
  };
}

export function describeNode(detail: NodeDetail, names: NodeNames): unknown {
  const { node, value, gradient, accumulated, contributions, verdict, cut } = detail;
  return {
    pass: detail.pass,
    ...names.describe(node),
    requiresGrad: detail.requiresGrad,
    value: describeTensor(value),
    gradient: gradient && describeTensor(gradient),
    ...(accumulated && { accumulated: describeTensor(accumulated) }),
    ...(cut && { whyNoGradient: { kind: cut.kind, text: cut.text, ...(cut.site && { site: names.place(cut.site) }) } }),
    formula: detail.formula,
    ...(detail.kinks !== null && { notDifferentiableAt: detail.kinks }),
    attributes: detail.attributes,
    inputs: detail.inputs.map((input) => names.brief(input)),
    contributions: firstOf(
      contributions.map(({ consumer, summary }) => ({
        consumer: names.brief(consumer),
        contribution: summary && describeTensor(summary),
      })),
      MOST_CONSUMERS,
    ),
    verdict: verdict && { verdict: verdict.verdict, cause: verdict.cause?.text, reason: verdict.reason },
  };
}

/** Whether a term is what a custom Function, or an op without a rule of ours, passes back as a whole. */
function isSum([upstream, local, product]: Float64Array): boolean {
  return Number.isNaN(upstream) && Number.isNaN(local) && !Number.isNaN(product);
}

export function describeExplanation(explanation: ElementExplanation, names: NodeNames): unknown {
  const { index, value, gradient, terms, others, othersCount } = explanation;
  const shown = terms.slice(0, MOST_TERMS);
  return {
    index,
    value: value[0],
    gradient: gradient[0],
    terms: shown.map(({ consumer, consumerIndex, factors }) => ({
      consumer: names.brief(consumer),
      ...(isSum(factors)
        ? { note: "all that its backward passes back to this element: of which factors is not known" }
        : { consumerIndex, upstream: factors[0], localDerivative: factors[1] }),
      product: factors[2],
    })),
    leftOut: {
      terms: othersCount + terms.length - shown.length,
      sum: terms.slice(MOST_TERMS).reduce((sum, { factors }) => sum + factors[2]!, others[0] ?? 0),
    },
  };
}

/** The loss before and after, and what changed most. */
export function describeWhatIf(before: NodeStatistics, after: WhatIf, graph: PassGraph, names: NodeNames): unknown {
  const elementsOf = new Map(after.elements.map((one) => [one.node, one]));
  const nodes = Array.from({ length: graph.nodeCount }, (_, node) => node as NodeId);
  const changeOf = (node: NodeId): number =>
    Math.max(
      relativeChange(before.valueNorm[node]!, after.valueNorm[node]!),
      relativeChange(before.gradNorm[node]!, after.gradNorm[node]!),
    );
  // What is computed again in float64 differs from the record by its rounding.
  const changed = nodes.filter((node) => changeOf(node) > 1e-5).sort((a, b) => changeOf(b) - changeOf(a));
  return {
    loss: { before: after.loss[0], after: after.loss[1] },
    changed: firstOf(
      changed.map((node) => {
        const elements = elementsOf.get(node);
        return {
          ...names.brief(node),
          valueNorm: { before: before.valueNorm[node], after: after.valueNorm[node] },
          gradientNorm: { before: before.gradNorm[node], after: after.gradNorm[node] },
          ...(elements &&
            elements.value.length <= MOST_ELEMENTS && {
              after: { value: elements.value, gradient: elements.gradient },
            }),
        };
      }),
      MOST_CHANGED,
    ),
  };
}

/** From 0; Infinity where one of them is not a number. NaN on both sides is no change. */
function relativeChange(before: number, after: number): number {
  if (Number.isNaN(before) && Number.isNaN(after)) return 0;
  const change = Math.abs(after - before) / Math.max(Math.abs(before), Math.abs(after), Number.MIN_VALUE);
  return Number.isNaN(change) ? Infinity : change;
}
