import type { Cause } from "../../protocol/check.ts";
import type { ExaminedOp } from "./examined-op.ts";
import { told, within, type Explanation } from "./explanation.ts";
import { holdsElsewhere, innerDerivative, otherFactor, rightExpression } from "./expressions.ts";
import { blockText, extent, spread, whatIsKnown, wrongBlock } from "./extent.ts";
import { columnsOfOthers, factorOfOtherPlace, mixedAlong, rowsOfOthers, sumsTurned, withoutOwnPlace } from "./order.ts";
import {
  mask,
  missingReduction,
  oneHotLeftOut,
  oneHotMisplaced,
  overwritten,
  partial,
  partialSum,
  scaledInSome,
  singleEntry,
  someLeftOut,
} from "./left-out.ts";
import { otherAxis, otherElements, otherElementsAtLeast } from "./paths.ts";
import {
  misplaced,
  movedInGroups,
  notTransposed,
  ofAnother,
  rearrangedTooEarly,
  shifted,
  swappedInputs,
  transposed,
  transposedWithin,
} from "./rearranged.ts";
import { onlyElements, onlyOutputs } from "./restricted.ts";
import {
  amountOff,
  batchScale,
  commonRatio,
  constantOff,
  plainScale,
  rowScale,
  scale,
  sign,
  undoing,
} from "./scaling.ts";
import { agree, differing, isElementwise, largest, productWith, type Suspect } from "./suspect.ts";
import { LARGEST_JACOBIAN, MOST_COLUMNS, sizedOf, suspectOf, type Fault } from "./suspect-of.ts";
import { smallerOp, waysSmaller } from "./smaller-op.ts";
import { activationDerivative, missingTerm, outerDerivative } from "./terms.ts";
import { independentPart } from "./independent-part.ts";
import type { ForwardMistake } from "./traced-search.ts";
import { meantText } from "../verdict/linearity.ts";
import { missingUpstream, notLinear, summedTooEarly } from "./upstream.ts";
import { ENGINE_SPELLING, type Spelling } from "./spelling.ts";

type Hypothesis = (suspect: Suspect) => Explanation | null | Promise<Explanation | null>;

/** Tried in this order: the first that explains every element is the cause. Special ones come before general ones. */
const CERTAIN: readonly Hypothesis[] = [
  notLinear,
  missingUpstream,
  sign,
  batchScale,
  plainScale,
  swappedInputs,
  transposed,
  withoutOwnPlace,
  sumsTurned,
  shifted,
  movedInGroups,
  notTransposed,
  rearrangedTooEarly,
  transposedWithin,
  summedTooEarly,
  mask,
  partial,
  missingReduction,
  singleEntry,
  overwritten,
  partialSum,
  activationDerivative,
  otherElements,
  otherAxis,
];

/** What reproduces the numbers as well, and says less of where they come from than the step of forward at fault. */
const VAGUE: readonly Hypothesis[] = [
  otherElementsAtLeast,
  misplaced,
  innerDerivative,
  outerDerivative,
  oneHotLeftOut,
  oneHotMisplaced,
  ofAnother,
  factorOfOtherPlace,
  rowScale,
  scaledInSome,
  amountOff,
  missingTerm,
  otherFactor,
  someLeftOut,
  scale,
  constantOff,
  rowsOfOthers,
  columnsOfOthers,
  mixedAlong,
];

/** Elements of a result above which an op that can be run on a part is not examined whole. */
const MOST_LARGE_COLUMNS = 2 ** 14;
/** The one mistake that would explain what a backward returns: never a guess; where nothing fits, what is known of it. */
export async function findCause(op: ExaminedOp, at: Fault, given: Float64Array): Promise<Cause> {
  const bad = given.filter((value) => !Number.isFinite(value));
  if (bad.length > 0) {
    const what = bad.every(Number.isNaN) ? "NaN" : "no finite number";
    return { kind: "unknown", text: `backward returns ${what} for ${bad.length} of ${given.length} elements` };
  }
  const spelling = op.spelling ?? ENGINE_SPELLING;
  const nothing = at.isNull ? nothingReturned(op.operands[at.index]!.name, spelling) : null;
  if (given.length * at.weights.length > LARGEST_JACOBIAN) {
    if (nothing !== null) return nothing;
    const small = await ofSmaller(op, at);
    if (small !== null) return withFix(small.suspect, small.found, spelling);
    // With so many columns, each hypothesis alone would take longer than anybody waits.
    if (op.part !== undefined && at.weights.length > MOST_LARGE_COLUMNS) return unknownOf(op, at);
  }
  const suspect = await suspectOf(op, at, given);
  const found =
    nothing ?? (await ofWhole(op, at, suspect)) ?? (await ofPart(op, at, given)) ?? place(suspect) ?? unknown(suspect);
  return withFix(suspect, (await numberInForward(op, at, suspect, found)) ?? found, spelling);
}

/** What explains an op that is examined whole. */
async function ofWhole(op: ExaminedOp, at: Fault, suspect: Suspect): Promise<Explanation | null> {
  return (
    (await outputIgnored(op, suspect)) ??
    (await explain(suspect, CERTAIN)) ??
    (await inBlock(suspect, CERTAIN)) ??
    (await inForward(op, at, suspect)) ??
    (await explain(suspect, VAGUE)) ??
    (await inBlock(suspect, VAGUE)) ??
    (await ofOutput(op, suspect))
  );
}

/** The one explanation of the same op run on two parts of its operands, of different sizes. */
async function ofSmaller(op: ExaminedOp, at: Fault): Promise<{ found: Explanation; suspect: Suspect } | null> {
  const [worst] = at.compared;
  if (op.part === undefined || worst === undefined) return null;
  for (const way of waysSmaller(op, at.index)) {
    const told: Explanation[] = [];
    for (const sizes of way) {
      const small = await smallerOp(op, at.index, Math.max(0, worst.element), sizes);
      if (small === null) break;
      const fault = { ...at, weights: small.weights };
      const suspect = {
        ...(await suspectOf(small.op, fault, small.given)),
        isPart: true as const,
        whole: sizedOf(op, at.index),
      };
      if (differing(suspect).length === 0) break;
      const first = await ofWhole(small.op, fault, suspect);
      if (first === null) continue;
      const found = (await numberInForward(small.op, fault, suspect, first)) ?? first;
      // The factor of all that a part lacks is that of the whole.
      if (found.ratio !== undefined && commonRatio(suspect) !== null && !isOffBy(at, found.ratio)) continue;
      if (told.some(({ kind, text }) => kind === found.kind && text === found.text)) return { found, suspect };
      told.push(found);
    }
  }
  return null;
}

/** Whether everything that was compared is so many times the right gradient. */
function isOffBy({ compared }: Fault, ratio: number): boolean {
  const size = Math.max(...compared.flatMap(({ analytic, numeric }) => [Math.abs(analytic), Math.abs(numeric)]));
  return compared.every(({ analytic, numeric }) => Math.abs(analytic - ratio * numeric) <= 1e-4 * size);
}

/** A number or a value that forward multiplies or divides by says more of a factor than a size that happens to be as large. */
async function numberInForward(
  op: ExaminedOp,
  at: Fault,
  suspect: Suspect,
  found: Explanation,
): Promise<Explanation | null> {
  if (found.kind !== "batch-scale" && found.kind !== "scale") return null;
  // Nothing is divided by a size where each element of the result has only that at its own place.
  const isChance = found.kind === "batch-scale" && isElementwise(suspect);
  const step = await inForward(op, at, suspect, ({ isNumber, isValue }) => (isNumber ?? isValue ?? false) || isChance);
  if (step === null || step.text === found.text) return null;
  // What a value is called is what to write; the number that it is in this run is not.
  if (step.isValue) return { ...step, kind: found.kind, ...(found.ratio !== undefined && { ratio: found.ratio }) };
  if (found.kind === "batch-scale") {
    return { ...found, ...step, ...(found.ratio !== undefined && { fix: undoing(found.ratio) }) };
  }
  // A number of forward says more than a size that is as large, which may be applied too often by chance.
  return found.reason?.isCertain ? found : { ...found, text: `${found.reason?.observed ?? found.text}: ${step.text}` };
}

function nothingReturned(name: string, { nothing }: Spelling): Cause {
  const text = `backward returns ${nothing} for ${name}, which needs a gradient: none of it arrives`;
  return { kind: "partial", text };
}

/** A cause whose text ends with what to write, where that is known, and how to say that it is meant, where it may be. */
async function withFix(suspect: Suspect, explanation: Explanation, spelling: Spelling): Promise<Cause> {
  const { fix: own, ...cause } = told(explanation);
  const isByChance = own?.kind === "write" && !(await holdsElsewhere(suspect, own.code));
  const known = isByChance ? undefined : own;
  const isCertain = known?.kind === "write" || (known?.kind === "append" && cause.kind !== "batch-scale");
  const code = isCertain ? null : await rightExpression(suspect);
  const found = code === null ? known : { kind: "write" as const, code };
  const fix = found && { ...found, code: spelling.code(found.code) };
  const meant = mayBeMeant(suspect, cause)
    ? `; if that is meant, as in a straight-through estimator or a gradient reversal, say so with ${spelling.surrogate}`
    : explanation.mayBeMeant === true
      ? meantText(spelling.surrogate)
      : "";
  if (found === undefined || fix === undefined) return { ...cause, text: cause.text + meant };
  const what = {
    append:
      spelling.appended(found.code, suspect.name) ?? `append ${fix.code} to what backward returns for ${suspect.name}`,
    multiply: `multiply what backward returns with ${fix.code}`,
    write: `write ${fix.code}${/\by\b/u.test(fix.code) ? ", y being the result" : ""}`,
    say: fix.code,
  }[fix.kind];
  return { ...cause, fix, text: `${cause.text}; ${what}${meant}` };
}

/** Whether a Function of one operand passes the gradient from above on, where its own derivative is another. */
function mayBeMeant(suspect: Suspect, { kind }: Cause): boolean {
  const isOfOne = suspect.others.length === 0;
  return ["activation-derivative", "sign", "unknown", "mask"].includes(kind) && isOfOne && isPassedOn(suspect);
}

async function explain(suspect: Suspect, hypotheses: readonly Hypothesis[]): Promise<Explanation | null> {
  for (const hypothesis of hypotheses) {
    // A hypothesis that cannot be tried is no hypothesis: what user code throws at it is not the op's error.
    const cause = await Promise.resolve(suspect)
      .then(hypothesis)
      .catch(() => null);
    if (cause !== null) return cause;
  }
  return null;
}

/** What explains only the part of an input that is wrong, such as the columns of one gate. */
async function inBlock(suspect: Suspect, hypotheses: readonly Hypothesis[]): Promise<Explanation | null> {
  const block = wrongBlock(suspect);
  // One or two elements are explained by many a thing.
  if (block === null || block.elements.length < 3) return null;
  const { whole: _, ...part } = onlyElements(suspect, block);
  const cause = await explain(part, hypotheses);
  return cause && within(`in ${blockText(suspect, block)} alone, `, cause);
}

/** The step of a Function's forward whose gradient is wrong, where the rest of its backward is right. */
async function inForward(
  op: ExaminedOp,
  { index, weights }: Fault,
  suspect: Suspect,
  accepts: (mistake: ForwardMistake) => boolean = () => true,
): Promise<Explanation | null> {
  if (op.mistake === undefined) return null;
  const traced = await op.mistake(index, weights).catch(() => null);
  if (traced === null || traced.found === null || !accepts(traced.found)) return null;
  // A forward that cuts its own graph off says nothing of the gradient.
  const isWhole = traced.gradient.length === suspect.truth.length;
  const settled = { ...suspect, tolerance: 1e-4 };
  if (isWhole && !agree(settled, traced.gradient, suspect.truth)) return null;
  const { isOfAll, isNumber: _, ...found } = traced.found;
  // What one writes instead says more of it, where that is a product of a few values.
  return (isOfAll && isElementwise(suspect) ? await explain(suspect, [otherFactor]) : null) ?? found;
}

/** What explains a part that the rest has no say in, where the whole is too large for every hypothesis to be tried. */
async function ofPart(op: ExaminedOp, at: Fault, given: Float64Array): Promise<Explanation | null> {
  if (Math.max(at.weights.length, given.length) <= MOST_COLUMNS) return null;
  const part = await independentPart(op, at.index, at.weights, given);
  if (part === null) return null;
  const suspect = {
    ...(await suspectOf(part.op, { ...at, weights: part.weights }, part.given)),
    isPart: true as const,
  };
  // What is wrong elsewhere only is not explained by what is right here.
  if (differing(suspect).length === 0) return null;
  return (
    (await explain(suspect, CERTAIN)) ??
    (await inBlock(suspect, CERTAIN)) ??
    (await explain(suspect, VAGUE)) ??
    (await inBlock(suspect, VAGUE)) ??
    (await ofOutput(part.op, suspect))
  );
}

/** Where the wrong elements are, when nothing explains them. */
function place(suspect: Suspect): Cause | null {
  const few = extent(suspect);
  const block = few === null ? wrongBlock(suspect) : null;
  if (block === null) return few;
  return { kind: "unknown", text: `only ${blockText(suspect, block)} are wrong: ${whatIsKnown(suspect)}` };
}

/** Nothing comes from one of several outputs, and what comes from the others is right. */
async function outputIgnored({ parts }: ExaminedOp, suspect: Suspect): Promise<Explanation | null> {
  for (const { index, start, count } of parts.length < 2 ? [] : parts) {
    const isOf = (k: number): boolean => k >= start && k < start + count;
    const without = productWith(
      suspect.jacobian,
      suspect.upstream.map((weight, k) => (isOf(k) ? 0 : weight)),
    );
    if (!agree(suspect, suspect.given, without)) continue;
    const alone = await suspect.productFor(suspect.upstream.map((weight, k) => (isOf(k) ? weight : 0)));
    if (largest(alone) === 0)
      return { kind: "partial", text: `the gradient of the ${ordinalOf(index)} output is ignored` };
  }
  return null;
}

function ordinalOf(index: number): string {
  return ["first", "second", "third", "fourth"][index] ?? `${index + 1}th`;
}

/** What a Function with several outputs does with the gradient of one of them. */
async function ofOutput({ parts }: ExaminedOp, suspect: Suspect): Promise<Explanation | null> {
  if (parts.length < 2 || suspect.returned === null) return null;
  const small = suspect.tolerance * Math.max(largest(suspect.jacobian), largest(suspect.returned));
  const columns = suspect.upstream.length;
  const wrong = parts.filter(({ start, count }) =>
    suspect.jacobian.some(
      (value, at) =>
        at % columns >= start &&
        at % columns < start + count &&
        suspect.known[at] === 1 &&
        Math.abs(value - suspect.returned![at]!) > 10 * small,
    ),
  );
  for (const part of wrong) {
    const through = onlyOutputs(suspect, part.start, part.count, part.shape);
    const ordinal = ordinalOf(part.index);
    const which =
      wrong.length < parts.length ? `only what comes from the ${ordinal} output is wrong` : `of the ${ordinal} output`;
    if (largest(through.given) === 0) {
      return { kind: "partial", text: `the gradient of the ${ordinal} output is ignored` };
    }
    const cause =
      (await explain(through, CERTAIN)) ?? (await explain(through, VAGUE)) ?? (await inBlock(through, CERTAIN));
    if (cause !== null) return within(`${which}: `, cause);
  }
  return null;
}

/** Whether backward passes the gradient from above on, as it is or times a number, and may mean to. */
function isPassedOn(suspect: Suspect): boolean {
  const { given, upstream } = suspect;
  if (given.length !== upstream.length || given.length < 2) return false;
  const ratio = given[0]! / upstream[0]!;
  const passed = upstream.map((value) => ratio * value);
  return ratio !== 0 && agree(suspect, given, passed) && largest(given) > 0;
}

/** What is known of an op that is too large to be examined. */
function unknownOf({ operands }: ExaminedOp, { index, compared }: Fault): Cause {
  const wrong = compared.filter(
    ({ analytic, numeric }) => Math.abs(analytic - numeric) > 1e-5 * Math.max(Math.abs(analytic), Math.abs(numeric)),
  );
  const shares = wrong.map(({ analytic, numeric }) => analytic / numeric).filter(Number.isFinite);
  const name = operands[index]!.name;
  const known =
    shares.length === 0
      ? `${wrong.length} of ${compared.length} compared of the gradient of ${name} are wrong`
      : `${wrong.length} of ${compared.length} compared of the gradient of ${name} are wrong: ${spread(Math.min(...shares), Math.max(...shares))} what they must be`;
  return { kind: "unknown", text: `no single mistake explains the difference; ${known}` };
}

function unknown(suspect: Suspect): Cause {
  return { kind: "unknown", text: `no single mistake explains the difference; ${whatIsKnown(suspect)}` };
}
