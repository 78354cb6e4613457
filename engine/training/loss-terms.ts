import type { PassView } from "./pass-view.ts";

export type LossKind = "cross-entropy" | "nll" | "bce" | "bce-logits" | "squared" | "absolute" | "kl" | "other";

/** A part of the loss that compares something with something. */
export interface LossTerm {
  readonly kind: LossKind;
  /** The row that says where it is: the op, or the first of the function that makes it. */
  readonly row: number;
  /** What is compared: of cross-entropies the scores, of differences both operands in order. */
  readonly prediction: number;
  readonly target: number | null;
  /** 1 where a larger term makes a larger loss, −1 where a smaller does. */
  readonly sign: number;
  /** As a function of the library; else written out. */
  readonly named: string | null;
  /** How its elements were brought together. */
  readonly reduction: "mean" | "sum" | "none";
  /** The row that did so, where it is no part of the function. */
  readonly reducedAt: number | null;
  /** Factors on the way to the loss. */
  readonly factor: number;
}

const NAMED: ReadonlyMap<string, LossKind> = new Map([
  ["mseLoss", "squared"],
  ["l1Loss", "absolute"],
  ["smoothL1Loss", "absolute"],
  ["huberLoss", "absolute"],
  ["crossEntropy", "cross-entropy"],
  ["binaryCrossEntropy", "bce"],
  ["binaryCrossEntropyWithLogits", "bce-logits"],
  ["klDiv", "kl"],
]);
export const LOSS_FUNCTIONS: ReadonlySet<string> = new Set([
  ...NAMED.keys(),
  "poissonNllLoss",
  "gaussianNllLoss",
  "marginRankingLoss",
  "hingeEmbeddingLoss",
  "softMarginLoss",
  "multiMarginLoss",
  "tripletMarginLoss",
  "cosineEmbeddingLoss",
]);

/** Losses that are one op in PyTorch: what they are called here, and at which place of their arguments the reduction is. */
export const WHOLE: ReadonlyMap<string, readonly [named: string, reduction: number]> = new Map([
  ["mse_loss", ["mseLoss", 2]],
  ["l1_loss", ["l1Loss", 2]],
  ["smooth_l1_loss", ["smoothL1Loss", 2]],
  ["huber_loss", ["huberLoss", 2]],
  ["kl_div", ["klDiv", 2]],
  ["binary_cross_entropy", ["binaryCrossEntropy", 3]],
  ["binary_cross_entropy_with_logits", ["binaryCrossEntropyWithLogits", 4]],
] as const);
/** As PyTorch numbers them. */
export const REDUCTIONS = ["none", "mean", "sum"] as const;

type Way = Pick<LossTerm, "sign" | "factor" | "reduction" | "reducedAt">;

/** The terms that the first root of a pass is made of. */
export function lossTerms(view: PassView): readonly LossTerm[] {
  const terms: LossTerm[] = [];
  const seen = new Set<number>();
  const visit = (row: number, way: Way): void => {
    if (seen.has(row) || !view.isOp(row)) return;
    seen.add(row);
    const term = termAt(view, row, way);
    if (term) {
      terms.push(term);
      return;
    }
    const inputs = view.inputs(row);
    switch (view.role(row)) {
      case "mean":
        return visit(inputs[0]!, { ...way, reduction: "mean", reducedAt: row });
      case "sum":
        return visit(inputs[0]!, way.reduction === "none" ? { ...way, reduction: "sum", reducedAt: row } : way);
      case "negate":
        return visit(inputs[0]!, { ...way, sign: -way.sign });
      case "add":
      case "join":
      case "where":
        for (const input of inputs) visit(input, way);
        return;
      case "subtract":
        if (inputs.length === 1) return visit(inputs[0]!, view.isNumberFirst(row) ? { ...way, sign: -way.sign } : way);
        visit(inputs[0]!, way);
        return visit(inputs[1]!, { ...way, sign: -way.sign });
      case "multiply":
      case "divide": {
        const value = view.number(row);
        if (!Number.isNaN(value) && !view.isNumberFirst(row)) {
          const factor = view.role(row) === "multiply" ? value : 1 / value;
          return visit(inputs[0]!, {
            ...way,
            sign: way.sign * Math.sign(factor || 1),
            factor: way.factor * Math.abs(factor),
          });
        }
        for (const input of inputs) if (view.isLive(input)) visit(input, way);
        return;
      }
      default:
        if (
          [
            "reshape",
            "permute",
            "part",
            "repeat",
            "convert",
            "pick",
            "mask-fill",
            "square-root",
            "power",
            "extreme",
          ].includes(view.role(row))
        ) {
          for (const input of inputs) if (view.isLive(input)) visit(input, way);
        }
    }
  };
  for (const root of view.pass.roots) visit(root, { sign: 1, factor: 1, reduction: "none", reducedAt: null });
  return terms;
}

function termAt(view: PassView, row: number, way: Way): LossTerm | null {
  const scope = view.functionScope(row, LOSS_FUNCTIONS);
  if (scope >= 0) return namedTerm(view, row, scope, way);
  const inputs = view.inputs(row);
  const whole = view.pass.foreign ? WHOLE.get(view.name(row)) : undefined;
  if (whole) return wholeTerm(view, row, whole, way);
  const reduction = view.attribute(row, "reduction");
  const own = reduction === "sum" || reduction === "mean" ? reduction : way.reduction;
  switch (view.role(row)) {
    case "cross-entropy":
      return {
        ...way,
        kind: "cross-entropy",
        row,
        prediction: inputs[0]!,
        target: inputs[1]!,
        named: "crossEntropy",
        reduction: own,
      };
    case "nll":
      return { ...way, kind: "nll", row, prediction: inputs[0]!, target: inputs[1]!, named: "nllLoss", reduction: own };
    case "binary-cross-entropy":
      return { ...way, kind: "bce", row, prediction: inputs[0]!, target: inputs[1]!, named: "binaryCrossEntropy" };
    case "square":
    case "absolute":
    case "power": {
      const difference = inputs[0]!;
      if (view.role(row) === "power" && view.number(row) !== 2) return null;
      return differenceTerm(view, difference, view.role(row) === "absolute" ? "absolute" : "squared", way);
    }
    case "multiply":
      return inputs.length === 2 && inputs[0] === inputs[1] ? differenceTerm(view, inputs[0]!, "squared", way) : null;
    default:
      return null;
  }
}

function differenceTerm(view: PassView, difference: number, kind: LossKind, way: Way): LossTerm | null {
  const at = view.arrangement(difference).at(-1);
  if (!view.is(at, "subtract") || view.inputs(at).length !== 2) return null;
  const [a, b] = view.inputs(at) as [number, number];
  const [prediction, target] = view.isLive(a) ? [a, b] : [b, a];
  return { ...way, kind, row: at, prediction, target, named: null };
}

/** A loss that is one op, of operands that were brought to one shape before it. */
function wholeTerm(view: PassView, row: number, [named, place]: readonly [string, number], way: Way): LossTerm {
  const given = view.attribute(row, "reduction") ?? view.attribute(row, String(place));
  const own = REDUCTIONS[typeof given === "number" ? given : 1] ?? "mean";
  const inputs = view.inputs(row);
  // Each of several results that have a gradient is a row of its own.
  const brought = [...inputs, ...inputs.flatMap((input) => view.inputs(input))].find((by) => spreads(view, by));
  const [prediction, target] = brought === undefined ? inputs : view.inputs(brought);
  return {
    ...way,
    kind: NAMED.get(named)!,
    row,
    prediction: prediction!,
    target: target ?? null,
    named,
    reduction: own === "none" ? way.reduction : own,
  };
}

/** Whether an op repeats tensors until they have one shape. */
function spreads(view: PassView, row: number): boolean {
  return view.isOp(row) && view.name(row) === "broadcast_tensors";
}

/** A loss that a function of the library makes of several ops. */
function namedTerm(view: PassView, last: number, scope: number, way: Way): LossTerm | null {
  const named = view.pass.scopes[scope]!.name;
  const kind = NAMED.get(named) ?? "other";
  const inside = (row: number): boolean => view.isOp(row) && view.functionScope(row, LOSS_FUNCTIONS) === scope;
  const rows = [...view.behind(last)].filter(inside).sort((a, b) => a - b);
  const operands = [...new Set(rows.flatMap((row) => view.inputs(row)).filter((row) => !rows.includes(row)))];
  const live = operands.filter((row) => view.isLive(row));
  const reduces = rows.findLast((row) => view.is(row, "mean", "sum"));
  const reduction = reduces === undefined ? way.reduction : view.is(reduces, "mean") ? "mean" : "sum";
  if (kind === "squared" || kind === "absolute") {
    const difference = rows.find((row) => view.is(row, "subtract"));
    if (difference === undefined) return null;
    const [a, b] = view.inputs(difference) as [number, number];
    const [prediction, target] = view.isLive(a) ? [a, b] : [b, a];
    return { ...way, kind, row: difference, prediction, target, named, reduction };
  }
  const prediction = (kind === "kl" && live.length > 1 ? readOnce(view, live, rows) : live[0]) ?? operands[0] ?? last;
  const target = operands.find((row) => row !== prediction) ?? null;
  return { ...way, kind, row: rows[0] ?? last, prediction, target, named, reduction };
}

/** The operand of t log t − t x that is read once: x. */
function readOnce(view: PassView, operands: readonly number[], rows: readonly number[]): number | undefined {
  return operands.find((row) => view.consumers(row).filter((by) => rows.includes(by)).length === 1);
}
