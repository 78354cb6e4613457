import { checkOptions } from "../../context/options.ts";
import { composite } from "../../context/scope.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { full, tensor } from "../../core/creation.ts";
import { readElements } from "../../core/elements.ts";
import { Tensor } from "../../core/tensor.ts";
import { requireOneFloat } from "../../ops/dense.ts";
import { cat, stack } from "../tensor/functions.ts";
import { checkReduction, type Reduction } from "./reduction.ts";

export interface CTCLossOptions {
  /** The class that stands for no label. */
  readonly blank?: number;
  readonly reduction?: Reduction;
  /** Counts a sequence that is too short for its labels as 0 in place of infinity. */
  readonly zeroInfinity?: boolean;
}

/** Lengths or labels, as a tensor of integers or as numbers. */
type Integers = Tensor | readonly number[] | number;

/** So much less in the logarithm is nothing beside what is there, in float64 as well. */
const NEGLIGIBLE = 200;
/** In place of −∞, less which −∞ would be no number. */
const LEAST = -1e30;

function integers(name: string, given: Integers): number[] {
  if (typeof given === "number") return [given];
  const values = given instanceof Tensor ? [...readElements(given)].map(Number) : [...given];
  const odd = values.find((value) => !Number.isInteger(value) || value < 0);
  if (odd === undefined) return values;
  throw new EngineError("value", `ctcLoss: ${name} must be whole numbers from 0 on, found ${odd}`);
}

/**
 * −log of the probability of the labels, summed over all ways to spread them over time with blanks between. logProbs
 * [T, N, C] or [T, C]; targets [N, S], or the labels of all sequences one after the other. "mean" divides each loss by the
 * number of its labels first. PyTorch: `torch.nn.functional.ctc_loss`; Graves and others, 2006.
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Integers,
  targetLengths: Integers,
  options: CTCLossOptions = {},
): Tensor {
  checkOptions("ctcLoss", options, ["blank", "reduction", "zeroInfinity"]);
  const { blank = 0, reduction = "mean", zeroInfinity = false } = options;
  checkReduction("ctcLoss", reduction);
  requireOneFloat("ctcLoss", [logProbs]);
  if (logProbs.rank !== 2 && logProbs.rank !== 3) {
    throw new EngineError(
      "shape",
      `ctcLoss: expected logProbs [T, N, C] or [T, C], found ${formatShape(logProbs.shape)}`,
    );
  }
  const all = logProbs.rank === 2 ? logProbs.unsqueeze(1) : logProbs;
  const [steps, count, classes] = all.shape as [number, number, number];
  const times = integers("inputLengths", inputLengths);
  const sizes = integers("targetLengths", targetLengths);
  const labels = integers("targets", targets);
  if (times.length !== count || sizes.length !== count || times.some((time) => time > steps)) {
    throw new EngineError(
      "shape",
      `ctcLoss: of ${count} sequences of at most ${steps} steps each needs a length, found inputLengths ${times.join(", ")} and targetLengths ${sizes.join(", ")}`,
    );
  }
  const isPadded = targets.rank === 2;
  const width = isPadded ? targets.shape[1]! : 0;
  const needed = sizes.reduce((sum, size) => sum + size, 0);
  if (isPadded ? targets.shape[0] !== count || sizes.some((size) => size > width) : labels.length < needed) {
    throw new EngineError(
      "shape",
      `ctcLoss: targets ${formatShape(targets.shape)} have not as many labels as targetLengths say`,
    );
  }
  const odd = [blank, ...labels].find((label) => label >= classes);
  if (odd !== undefined) throw new EngineError("value", `ctcLoss: class ${odd} is out of range for ${classes} classes`);

  return composite("ctcLoss", () => {
    let start = 0;
    const losses = sizes.map((size, n) => {
      const from = isPadded ? n * width : start;
      start += size;
      const own = all.select(1, n).narrow(0, 0, times[n]!);
      const lost = ofOne(own, labels.slice(from, from + size), blank);
      // Too short for its labels: the gradient is not finite either.
      return lost ?? own.sum().mul(zeroInfinity ? 0 : -Infinity);
    });
    const each = stack(losses);
    if (reduction === "sum") return each.sum();
    if (reduction === "mean")
      return each
        .div(
          tensor(
            sizes.map((size) => Math.max(1, size)),
            { dtype: each.dtype },
          ),
        )
        .mean();
    return logProbs.rank === 2 ? each.squeeze(0) : each;
  });
}

/** The loss of one sequence, log-probabilities [T, C], by the forward variables of the labels with blanks between. */
function ofOne(logProbs: Tensor, labels: readonly number[], blank: number): Tensor | null {
  const states = [blank, ...labels.flatMap((label) => [label, blank])];
  // A blank may be left out between two labels that differ.
  const maySkip = states.map((state, s) => s >= 2 && state !== blank && state !== states[s - 2]);
  const times = logProbs.shape[0]!;
  const first = firstTimes(maySkip);
  const within = (t: number): number => first.filter((time) => time <= t).length;
  const ends = within(times - 1) - Math.max(0, states.length - 2);
  if (times === 0 || ends <= 0) return times === 0 && labels.length === 0 ? logProbs.sum() : null;
  const emitted = logProbs.indexSelect(1, tensor(states, { dtype: "int64" }));
  const impossible = full([1], impossibleBelow(logProbs), { dtype: logProbs.dtype });
  let reached = emitted.select(0, 0).narrow(0, 0, within(0));
  for (let t = 1; t < times; t++) {
    const known = reached.shape[0]!;
    const padded = cat([impossible, reached]);
    const from = (by: number): Tensor => {
      const isWay = (s: number): boolean => s >= by && s - by < known && (by < 2 || maySkip[s] === true);
      const sources = Array.from({ length: within(t) }, (_, s) => (isWay(s) ? s - by + 1 : 0));
      return padded.indexSelect(0, tensor(sources, { dtype: "int64" }));
    };
    const ways = stack([from(0), from(1), from(2)]);
    reached = ways.logsumexp(0).add(emitted.select(0, t).narrow(0, 0, within(t)));
  }
  return reached
    .narrow(0, Math.max(0, states.length - 2), ends)
    .logsumexp(0)
    .neg();
}

/** When each state can be reached first. It grows from state to state, so that those in reach come first. */
function firstTimes(maySkip: readonly boolean[]): number[] {
  const first: number[] = [];
  for (const [s, skips] of maySkip.entries()) {
    first.push(s < 2 ? 0 : Math.min(first[s - 1]! + 1, skips ? first[s - 2]! + 1 : Infinity));
  }
  return first;
}

/** What stands for the logarithm of 0: less than any way can have, and no larger than that takes, as large numbers hide others. */
function impossibleBelow(logProbs: Tensor): number {
  let least = 0;
  for (const value of readElements(logProbs.detach())) least = Math.min(least, value);
  return Number.isFinite(least) ? logProbs.shape[0]! * least - NEGLIGIBLE : LEAST;
}
