import { runtime } from "../../core/runtime.ts";
import { roleOf } from "../../ops/role.ts";
import { firstNotFinite, type NotFinite } from "../first-not-finite.ts";
import type { PassView } from "../pass-view.ts";
import type { ExaminedPass, Found, Rule } from "../rule.ts";
import { roundedText } from "../../recording/number-text.ts";
import { readingRow } from "../wording.ts";

/** NaN or Infinity comes in with the data. */
export const badData: Rule = {
  name: "bad-data",
  severity: "error",
  title: "NaN or Infinity comes from the data",
  looksAt: "a pass whose loss or gradients are not finite, from there back to the first value that is not",
  threshold: "that value is data",
  source: "IEEE 754: what is computed from NaN is NaN",
  why: "One such number makes the loss and every gradient NaN, and after one step every parameter.",
  fix: "Drop or replace such values when the data is read.",
  *inPass(examined): Iterable<Found> {
    const { view } = examined;
    const origin = firstNotFinite(examined.view);
    if (origin?.where !== "data") return;
    const made = view.context.origin(origin.row);
    // What the program computed of its own parameters before is no data.
    if (made !== null && (made.fromGraph || isMath(made))) return;
    const statistics = runtime.kernels.statistics(view.value(origin.row));
    const count = statistics.nans + statistics.positiveInfinities + statistics.negativeInfinities;
    yield {
      text: `${count} of ${statistics.count} numbers of ${readingRow(view, origin.row)} ${count === 1 ? "is" : "are"} ${origin.what}: the data brings it in, and it makes the loss and all gradients so. Drop or replace such values when the data is read.`,
      site: siteOfData(view, origin.row),
      related: [
        { text: "it first goes into the graph here", site: view.callSite(view.consumers(origin.row)[0] ?? origin.row) },
      ],
      evidence: { count, of: statistics.count },
      row: origin.row,
    };
  },
};

/** An op makes NaN or Infinity. */
export const invalidMath: Rule = {
  name: "invalid-math",
  severity: "error",
  title: "an op makes NaN or Infinity",
  looksAt:
    "a pass whose loss or gradients are not finite: the first op whose inputs are finite and whose result, or whose gradient, is not",
  threshold: "any",
  source: "IEEE 754, and the derivatives of log, square root and division at 0",
  why: "From there on everything is NaN.",
  fix: "Keep its input away from where it is not defined: add a small number, clamp, or use a stable form.",
  *inPass(examined): Iterable<Found> {
    const { view } = examined;
    const origin = firstNotFinite(examined.view);
    if (origin === null) return;
    if (origin.where === "data") {
      const made = view.context.origin(origin.row);
      if (made === null || !isMath(made)) return;
      yield {
        text: `${made.name} gives ${origin.what} here, on the way of the data into the graph: it makes the loss and all gradients so. Keep its input away from where it is not defined.`,
        site: view.context.siteOf(made),
        row: origin.row,
      };
      return;
    }
    if (origin.where === "parameter") return;
    if (origin.where === "op" && isGrowth(examined, origin.row) && examined.view.pass.id > 0) return;
    yield {
      text: `${view.name(origin.row)} ${origin.where === "op" ? `gives ${origin.what}` : `passes ${origin.what} back`} here although ${origin.where === "op" ? "what goes in" : "all that comes in"} is finite: ${reasonOf(view, origin)}. ${adviceFor(view, origin.row)}`,
      site: view.callSite(origin.row),
      evidence: inputRange(view, origin.row),
      row: origin.row,
    };
  },
};

/** Ops that make of finite numbers some that are not: what is divided by a number that is not 0 stays what it was. */
function isMath({ op, attributes }: NonNullable<ReturnType<PassView["context"]["origin"]>>): boolean {
  if (op === "div.number" && attributes["value"] !== 0) return false;
  return ["logarithm", "divide", "square-root", "power", "inverse-trigonometric", "norm", "variance"].includes(
    roleOf(op),
  );
}

/** Ops that overflow only where what goes in has grown beyond all measure. */
function isGrowth({ view, terms }: ExaminedPass, row: number): boolean {
  if (isSpoiltNumber(view, row)) return false;
  if (view.is(row, "power") && view.number(row) >= 1) return true;
  if (terms.some((term) => term.row === row && (term.kind === "squared" || term.kind === "absolute"))) return true;
  return view.is(row, "linear", "convolution", "product", "square", "add", "subtract", "multiply", "sum", "mean");
}

function siteOfData(view: PassView, row: number): Found["site"] {
  let origin = view.context.origin(row);
  while (origin !== null && origin.inputs.length > 0) origin = origin.inputs[0]!;
  const made = origin === null ? view.callSite(row) : view.context.siteOf(origin);
  return made ?? view.callSite(view.consumers(row)[0] ?? row);
}

function reasonOf(view: PassView, { row, where }: NotFinite): string {
  const { least, most } = inputRange(view, row) as { least: number; most: number };
  const range = `its input goes from ${roundedText(least)} to ${roundedText(most)}`;
  if (where === "backward" && view.is(row, "exponential")) {
    return `its derivative overflows (${range}), and Infinity times the 0 of a branch that is not taken is NaN`;
  }
  if (where === "backward") {
    const pole = view.is(row, "inverse-trigonometric") ? "1 or −1" : "0";
    return `its derivative is not finite where its input is ${pole} (${range})`;
  }
  switch (view.role(row)) {
    case "logarithm":
      return `the logarithm of ${least < 0 ? "a negative number" : "0"} (${range})`;
    case "square-root":
      return `the square root of a negative number, or 1 / √0 (${range})`;
    case "divide":
      return "a division by 0";
    case "exponential":
      return `e to a power that is too large (${range})`;
    case "softmax":
    case "log-softmax":
      return "all entries of a row are −∞, so there is nothing to divide by";
    default:
      return isSpoiltNumber(view, row)
        ? `the number that it is given is ${String(view.attribute(row, "value"))}`
        : range;
  }
}

function adviceFor(view: PassView, row: number): string {
  switch (view.role(row)) {
    case "logarithm":
      return "Add a small number before it, or use a stable form (logSoftmax, logsigmoid, binaryCrossEntropyWithLogits).";
    case "square-root":
    case "norm":
    case "variance":
      return "Add a small number below the root.";
    case "divide":
      return "Add a small number to what is divided by.";
    case "exponential":
      return "Clamp what goes in, or use a stable form (logsumexp, softmax).";
    default:
      return isSpoiltNumber(view, row)
        ? "Look at how that number is computed."
        : "Keep its input away from where it is not defined.";
  }
}

/** Whether an op was given a plain number that is not finite. */
function isSpoiltNumber(view: PassView, row: number): boolean {
  const value = view.attribute(row, "value");
  return typeof value === "number" && !Number.isFinite(value);
}

function inputRange(view: PassView, row: number): Readonly<Record<string, number>> {
  const ranges = view.inputs(row).map((input) => runtime.kernels.statistics(view.value(input)));
  return { least: Math.min(...ranges.map(({ min }) => min)), most: Math.max(...ranges.map(({ max }) => max)) };
}
