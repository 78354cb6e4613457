import type { Cause } from "../../protocol/check.ts";
import { broadcastsTo, sameShape } from "../../core/shape.ts";
import {
  asFraction,
  coordinates,
  factorText,
  isElementwise,
  isSimple,
  largest,
  type Operand,
  type Suspect,
} from "./suspect.ts";

/** What an entry of a Jacobian may be made of: a number for each entry, and how it is written. */
interface Expression {
  readonly values: Float64Array;
  readonly text: string;
  /** As an argument of `mul`; null where it takes more than one call. */
  readonly code: string | null;
}

/** Entries that are compared; more would tell nothing new. */
const MOST_ENTRIES = 256;
/** Fewer entries than these could be explained by many an expression. */
const FEWEST_ENTRIES = 3;

const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));

/** Functions of one value, the likely ones first. */
const FUNCTIONS: readonly (readonly [of: (v: number) => number, text: (v: string) => string, code: string | null])[] = [
  [(v) => v, (v) => v, ""],
  [(v) => v * v, (v) => `${v}²`, ".square()"],
  [(v) => 1 / v, (v) => `1/${v}`, ".reciprocal()"],
  [(v) => 1 / (v * v), (v) => `1/${v}²`, ".square().reciprocal()"],
  [(v) => v ** 3, (v) => `${v}³`, ".pow(3)"],
  [(v) => 1 - v, (v) => `(1 − ${v})`, ".neg().add(1)"],
  [(v) => 1 - v * v, (v) => `(1 − ${v}²)`, ".square().neg().add(1)"],
  [(v) => v * (1 - v), (v) => `${v}(1 − ${v})`, null],
  [Math.sqrt, (v) => `√${v}`, ".sqrt()"],
  [(v) => 1 / Math.sqrt(v), (v) => `1/√${v}`, ".rsqrt()"],
  [Math.exp, (v) => `exp ${v}`, ".exp()"],
  [(v) => Math.exp(-v), (v) => `exp(−${v})`, ".neg().exp()"],
  [Math.log, (v) => `log ${v}`, ".log()"],
  [Math.sin, (v) => `sin ${v}`, ".sin()"],
  [Math.cos, (v) => `cos ${v}`, ".cos()"],
  [sigmoid, (v) => `σ(${v})`, ".sigmoid()"],
  [(v) => sigmoid(v) * (1 - sigmoid(v)), (v) => `σ′(${v})`, null],
  [(v) => 1 - sigmoid(v), (v) => `(1 − σ(${v}))`, null],
  [Math.tanh, (v) => `tanh ${v}`, ".tanh()"],
  [(v) => 1 - Math.tanh(v) ** 2, (v) => `(1 − tanh² ${v})`, ".tanh().square().neg().add(1)"],
  [Math.abs, (v) => `|${v}|`, ".abs()"],
  [Math.sign, (v) => `sign ${v}`, ".sign()"],
  [(v) => Number(v > 0), (v) => `[${v} > 0]`, ".gt(0).float()"],
  [(v) => Math.max(0, v), (v) => `relu ${v}`, ".relu()"],
];
/** How many of them are tried in products of two. */
const IN_PRODUCTS = 20;

/**
 * What backward multiplies the gradient from above with, and what belongs there, where both can be written with the
 * operands and the result: "grad · y where grad · s belongs".
 */
export function otherFactor(suspect: Suspect): Cause | null {
  const entries = entriesOf(suspect);
  if (entries === null) return null;
  const { right, used } = entries;
  const candidates = expressionsOf(suspect, entries);
  const scale = Math.max(largest(right), largest(used));
  const fitOf = (values: Float64Array): { factor: number; expression: Expression } | null => {
    for (const expression of candidates()) {
      const factor = ratioOf(values, expression.values, suspect.tolerance * scale);
      if (factor === null || !isWritten(factor, entries.right.length)) continue;
      if (gatesAlike(expression.values, entries.right.length)) return { factor, expression };
    }
    return null;
  };
  const found = fitOf(used);
  if (found === null) return offBy(suspect, entries, candidates);
  const belongs = fitOf(right);
  if (belongs !== null && belongs.expression.text === found.expression.text) return null;
  if (
    belongs === null &&
    used.every((value, i) => Math.abs(value * Math.abs(value) - right[i]!) <= 1e-5 * scale ** 2)
  ) {
    return { kind: "activation-derivative", text: "the square root of the local derivative is used" };
  }
  const say = ({ factor, expression }: { factor: number; expression: Expression }): string =>
    factor === 1
      ? expression.text
      : factor === -1
        ? `−${expression.text}`
        : `${factorText(factor)} · ${expression.text}`;
  const isOne = found.expression.text === "1";
  // Which elements are positive may be so by chance.
  const isChance = belongs !== null && belongs.expression.text.includes("> 0]") && !isElementwise(suspect);
  if (isChance || (isOne && belongs === null && Math.abs(found.factor) !== 1)) return null;
  const instead = belongs
    ? `, where ${say(belongs)} belongs`
    : (lacking(suspect, entries, candidates) ?? ", which is not the local derivative");
  const text = isOne
    ? `the local derivative is left out: the gradient from above is passed on ${found.factor === 1 ? "as it is" : `times ${factorText(found.factor)}`}${instead}`
    : `the wrong local derivative: the gradient from above is multiplied by ${say(found)}${instead}`;
  return { kind: "activation-derivative", text };
}

/** Whether what lets some entries through, as [x > 0], blocks those that are blocked: the last ones, past the count. */
function gatesAlike(values: Float64Array, count: number): boolean {
  return !values.subarray(0, count).includes(0) || values.subarray(count).every((value) => value === 0);
}

/** What the right entries have besides those that are used, where that is one function of one value. */
function lacking(
  { tolerance }: Suspect,
  { right, used }: Entries,
  candidates: () => Generator<Expression>,
): string | null {
  if (right.length < FEWEST_ENTRIES) return null;
  const quotient = right.map((value, i) => value / used[i]!);
  for (const { values, text } of candidates()) {
    if (text.includes(" · ")) return null;
    const factor = ratioOf(quotient, values, tolerance * largest(quotient));
    if (factor !== null && isWritten(factor, right.length)) {
      return `, which lacks the factor ${factor === 1 ? "" : `${factorText(factor)} · `}${text}`;
    }
  }
  return null;
}

/**
 * How the gradient is to be written, where it is a product of the gradient from above, operands and the result, and is so
 * for other values of the operands as well.
 */
export async function rightExpression(suspect: Suspect): Promise<string | null> {
  // Of what is summed into one number nothing shows where the expression must add nothing.
  if (suspect.returned === null && suspect.given.length === 1) return null;
  const entries = entriesOf(suspect.returned === null ? { ...suspect, returned: suspect.jacobian } : suspect);
  if (entries === null || isReductionOfMany(suspect)) return null;
  const allowed = suspect.tolerance * largest(entries.right);
  for (const { values, code } of expressionsOf(suspect, entries)()) {
    if (code === null) continue;
    const factor = ratioOf(entries.right, values, allowed);
    if (factor === null) continue;
    const value = valueOf(factor, suspect.others);
    if (value === null && !isWritten(factor, entries.right.length)) continue;
    // What backward adds where nothing belongs is not to be written.
    if (entries.right.some((value, i) => value === 0 && entries.used[i] !== 0)) return null;
    if (values.subarray(entries.right.length).some((value) => value !== 0)) continue;
    if (isElementwise(suspect) && blocksSome(suspect) && !code.includes(".gt(0)") && !code.includes(".relu()"))
      continue;
    if (!(await holdsElsewhere(suspect, code))) continue;
    return `grad${value === null ? codeOf(factor, code) : `${code}${value}`}${reductionOf(suspect)}`;
  }
  return null;
}

/**
 * Whether an expression that fits holds for other operands too. A weight that is still all ones is a factor that nobody
 * sees: what the result y stands for is then y over that weight, and what lacks the weight fits as well. One that is merely
 * added, as a bias is, has no say.
 */
export async function holdsElsewhere(suspect: Suspect, code: string): Promise<boolean> {
  const words = code.split(/[^\w[\]]+/u);
  const mentions = (name: string): boolean => words.includes(name);
  const plain = suspect.others.filter(({ values }) => isHidden(values));
  if (mentions("y")) return plain.length === 0 && (suspect.others.length === 0 || !isHidden(suspect.x));
  for (const other of plain) if (!mentions(other.name) && !(await isAdded(suspect, other))) return false;
  return true;
}

/** Whether all elements are the same number, which passes for a factor that a person writes, or for none. */
function isHidden(values: Float64Array): boolean {
  const [first] = values;
  if (first === undefined || !values.every((value) => value === first)) return false;
  // The value of a single element that is no such factor is called by its name.
  return first === 0 || (values.length === 1 ? isSimple(first) : (asFraction(first) ?? asFraction(1 / first)) !== null);
}

/** Whether an operand is added to the result and nothing else: backward gives it the gradient from above, summed to its shape. */
async function isAdded({ upstream, outputShape, tolerance }: Suspect, { shape, given }: Operand): Promise<boolean> {
  if (outputShape.length === 0 || !broadcastsTo(shape, outputShape)) return false;
  const theirs = await given();
  if (theirs === null) return false;
  const sum = new Float64Array(theirs.length);
  upstream.forEach((value, column) => (sum[broadcastIndex(shape, outputShape, column)]! += value));
  return sum.every((value, i) => Math.abs(value - theirs[i]!) <= 100 * tolerance * largest(upstream));
}

/** Where forward blocks elements that the expression would pass. */
function blocksSome({ jacobian, known, upstream, x, y, shape, outputShape, tolerance }: Suspect): boolean {
  if (x.length !== y.length || !sameShape(shape, outputShape)) return false;
  const small = 1e-2 * tolerance * largest(jacobian);
  const columns = upstream.length;
  return x.some((_, e) => known[e * columns + e] === 1 && Math.abs(jacobian[e * columns + e]!) <= small);
}

/** Whether an element reaches elements of the result that no broadcasting explains. */
function isReductionOfMany({ shape, outputShape, jacobian, upstream, tolerance }: Suspect): boolean {
  if (!broadcastsTo(shape, outputShape)) return true;
  const small = tolerance * largest(jacobian);
  for (let at = 0; at < jacobian.length; at++) {
    if (Math.abs(jacobian[at]!) <= small) continue;
    if (broadcastIndex(shape, outputShape, at % upstream.length) !== Math.floor(at / upstream.length)) return true;
  }
  return false;
}

/** A term of the local derivative that is missing, or has another factor. */
function offBy(suspect: Suspect, { right, used }: Entries, candidates: () => Generator<Expression>): Cause | null {
  if (right.length < FEWEST_ENTRIES) return null;
  const off = right.map((value, i) => value - used[i]!);
  const allowed = suspect.tolerance * Math.max(largest(right), largest(used));
  for (const expression of candidates()) {
    const factor = ratioOf(off, expression.values, allowed);
    if (factor === null || !isWritten(factor, right.length)) continue;
    return {
      kind: "missing-term",
      text: `a term of the local derivative is missing, or a factor in it is wrong: ${factorText(factor)} · ${expression.text} is to be added`,
    };
  }
  return null;
}

/** Entries of both matrices that are not zero in either, where they may be products of what is at their row and column. */
interface Entries {
  /** Those of the entries, and then of others that are zero in both where broadcasting lets the two meet. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly right: Float64Array;
  readonly used: Float64Array;
}

function entriesOf(suspect: Suspect): Entries | null {
  const { jacobian, returned, known, upstream, tolerance } = suspect;
  if (returned === null) return null;
  const small = tolerance * Math.max(largest(jacobian), largest(returned));
  const places: number[] = [];
  for (let at = 0; at < returned.length; at++) {
    const isThere = Math.abs(jacobian[at]!) > small || Math.abs(returned[at]!) > small;
    if (isThere && known[at] === 1) places.push(at);
  }
  // Sums over many elements are made of more than one factor.
  if (places.length === 0 || places.length > MOST_ENTRIES * 16) return null;
  const stride = Math.max(1, Math.floor(places.length / MOST_ENTRIES));
  const chosen = places.filter((_, i) => i % stride === 0);
  const all = [...chosen, ...blockedIn(suspect, small)];
  return {
    rows: all.map((at) => Math.floor(at / upstream.length)),
    columns: all.map((at) => at % upstream.length),
    right: Float64Array.from(chosen, (at) => jacobian[at]!),
    used: Float64Array.from(chosen, (at) => returned[at]!),
  };
}

/** Places of both matrices that are zero, though the element is repeated at that of the result. */
function blockedIn(
  { jacobian, returned, known, upstream, shape, outputShape }: Suspect,
  small: number,
): readonly number[] {
  if (outputShape.length === 0 || !broadcastsTo(shape, outputShape)) return [];
  const columns = upstream.length;
  return Array.from(upstream.keys())
    .map((column) => broadcastIndex(shape, outputShape, column) * columns + column)
    .filter((at) => known[at] === 1 && Math.abs(jacobian[at]!) <= small && Math.abs(returned![at]!) <= small)
    .slice(0, MOST_ENTRIES);
}

function expressionsOf(suspect: Suspect, { rows, columns }: Entries): () => Generator<Expression> {
  const { name, x, y, others, outputShape } = suspect;
  const bases: { readonly text: string; readonly code: string; readonly values: Float64Array }[] = [];
  for (const other of others) {
    const isAlongResult = outputShape.length > 0 && broadcastsTo(other.shape, outputShape);
    const isLikeInput = other.values.length === x.length;
    if (!isAlongResult && !isLikeInput) continue;
    const values = Float64Array.from(rows, (row, i) =>
      isAlongResult ? other.values[broadcastIndex(other.shape, outputShape, columns[i]!)]! : other.values[row]!,
    );
    bases.push({ text: other.name, code: other.name, values });
  }
  bases.push({ text: name, code: name, values: Float64Array.from(rows, (row) => x[row]!) });
  bases.push({ text: "y", code: "y", values: Float64Array.from(columns, (column) => y[column]!) });
  const single: Expression[] = bases.flatMap((base) =>
    FUNCTIONS.map(([of, text, code]) => ({
      values: base.values.map(of),
      text: text(base.text),
      code: code === null ? null : `.mul(${base.code}${code})`,
    })),
  );
  const perBase = FUNCTIONS.length;
  return function* () {
    yield { values: new Float64Array(rows.length).fill(1), text: "1", code: "" };
    yield* single;
    for (let a = 0; a < bases.length; a++) {
      for (let b = a + 1; b < bases.length; b++) {
        for (let i = 0; i < IN_PRODUCTS; i++) {
          for (let j = 0; j < IN_PRODUCTS; j++) {
            const [p, q] = [single[a * perBase + i]!, single[b * perBase + j]!];
            // x⁻¹ · y stands for something else: the slope of a piece.
            if (bases[a]!.text === name && bases[b]!.text === "y") continue;
            yield {
              values: p.values.map((value, n) => value * q.values[n]!),
              text: `${p.text} · ${q.text}`,
              code: p.code === null || q.code === null ? null : p.code + q.code,
            };
          }
        }
      }
    }
  };
}

function broadcastIndex(shape: readonly number[], outputShape: readonly number[], flat: number): number {
  const index = coordinates(outputShape, flat).slice(outputShape.length - shape.length);
  return index.reduce((at, i, axis) => at * shape[axis]! + (shape[axis] === 1 ? 0 : i), 0);
}

/** c with values = c · of, to within `allowed`. */
function ratioOf(values: Float64Array, of: Float64Array, allowed: number): number | null {
  const at = values.reduce((most, value, i) => (Math.abs(value) > Math.abs(values[most]!) ? i : most), 0);
  const ratio = values[at]! / of[at]!;
  if (!Number.isFinite(ratio) || ratio === 0) return null;
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]! - ratio * of[i]!) <= allowed)) return null;
  const fraction = asFraction(ratio);
  return fraction ? fraction.numerator / fraction.denominator : ratio;
}

/** Whether a person would write such a factor; where few entries speak for it, only the simplest. */
function isWritten(factor: number, entries: number): boolean {
  if (entries < FEWEST_ENTRIES) return factor === 1 || factor === -1;
  return asFraction(factor) !== null;
}

/** `.mul(s)`, where a factor is the value of an operand of one element: the number that it is in this run is not to be written. */
function valueOf(factor: number, others: readonly Operand[]): string | null {
  if (isSimple(factor)) return null;
  const isNear = (value: number): boolean => Math.abs(factor / value - 1) < 1e-6;
  for (const { name, values } of others) {
    if (values.length !== 1) continue;
    if (isNear(values[0]!)) return `.mul(${name})`;
    if (isNear(1 / values[0]!)) return `.div(${name})`;
  }
  return null;
}

function codeOf(factor: number, code: string): string {
  const fraction = asFraction(factor)!;
  if (factor === 1) return code;
  if (factor === -1) return `${code}.neg()`;
  return fraction.denominator === 1
    ? `${code}.mul(${factor})`
    : `${code}.mul(${fraction.numerator} / ${fraction.denominator})`;
}

/** `.sum(0)` where the input was repeated along axes of the result. */
function reductionOf({ shape, outputShape }: Suspect): string {
  const lead = outputShape.length - shape.length;
  const repeated = shape.flatMap((size, axis) => (size === 1 && outputShape[axis + lead] !== 1 ? [axis] : []));
  const axes = (list: readonly number[]): string => (list.length === 1 ? `${list[0]}` : `[${list.join(", ")}]`);
  const first = lead > 0 ? `.sum(${axes(Array.from({ length: lead }, (_, axis) => axis))})` : "";
  return repeated.length > 0 ? `${first}.sum(${axes(repeated)}, true)` : first;
}

/** The row that is returned for each element of the input is a multiple of the right one, which follows from its value. */
export function innerDerivative(suspect: Suspect): Cause | null {
  const { returned, jacobian, known, upstream, x, tolerance, name } = suspect;
  if (returned === null || x.length < 2 || isElementwise(suspect)) return null;
  const columns = upstream.length;
  const scale = Math.max(largest(jacobian), largest(returned));
  const ratios = x.map((_, e) => {
    let [numerator, denominator] = [0, 0];
    for (let k = e * columns; k < (e + 1) * columns; k++) {
      if (known[k] === 0) continue;
      numerator += returned[k]! * jacobian[k]!;
      denominator += jacobian[k]! ** 2;
    }
    return numerator / denominator;
  });
  for (let at = 0; at < returned.length; at++) {
    const expected = ratios[Math.floor(at / columns)]! * jacobian[at]!;
    if (known[at] === 1 && !(Math.abs(returned[at]! - expected) <= 10 * tolerance * scale)) return null;
  }
  const families: readonly (readonly [
    slope: (v: number) => number,
    text: string,
    value: (v: number) => number,
    valueText: string,
  ])[] = [
    [(v) => sigmoid(v) * (1 - sigmoid(v)), "σ′ = σ (1 − σ)", sigmoid, "σ"],
    [(v) => 1 - Math.tanh(v) ** 2, "tanh′ = 1 − tanh²", Math.tanh, "tanh"],
    [Math.exp, "exp′ = exp", Math.exp, "exp"],
  ];
  for (const [slope, text, value, valueText] of families) {
    for (const [used, what] of [
      [value, `${valueText} is used in place of ${text}`],
      [() => 1, `${text} is left out`],
      [(v: number) => 1 - value(v), `1 − ${valueText} is used in place of ${text}`],
      [(v: number) => 1 + value(v) ** 2, `1 + ${valueText}² is used in place of ${text}`],
      [(v: number) => value(v) ** 2, `${valueText}² is used in place of ${text}`],
      [(v: number) => slope(v) ** 2, `${text} is applied twice`],
      [(v: number) => v * (1 - v), `v (1 − v) is taken at ${name}, where σ(${name}) belongs`],
      [(v: number) => 1 - v * v, `1 − v² is taken at ${name}, where tanh(${name}) belongs`],
      [(v: number) => slope(value(v)), `${text} is taken at ${valueText}(${name}) instead of ${name}`],
      [(v: number) => 1 - Math.tanh(v) ** 2, `tanh′ is used in place of ${text}`],
      [(v: number) => sigmoid(v) * (1 - sigmoid(v)), `σ′ is used in place of ${text}`],
    ] as const) {
      const fits = ratios.every((ratio, e) => {
        const expected = used(x[e]!) / slope(x[e]!);
        return !Number.isFinite(ratio) || Math.abs(ratio - expected) <= 1e-5 * Math.max(1, Math.abs(expected));
      });
      if (!fits || !ratios.some((ratio) => Math.abs(ratio - 1) > 1e-4)) continue;
      return { kind: "activation-derivative", text: `the wrong local derivative by ${name}: ${what}` };
    }
  }
  return null;
}
