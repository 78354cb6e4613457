import { DTYPES, type DType } from "../../engine/protocol/dtype.ts";

const MINUS = "\u2212";

/**
 * A number as the panel writes it: three significant digits; plain between 1e−3 and 1e4, else with an exponent; a true
 * minus sign. Zero is "0".
 */
export function formatNumber(x: number): string {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : `${MINUS}∞`;
  if (x === 0) return "0";
  const magnitude = Math.abs(x);
  const sign = x < 0 ? MINUS : "";
  const rounded = Number(magnitude.toPrecision(3));
  if (rounded < 1e-3 || rounded >= 1e4) {
    const [mantissa = "", exponent = "0"] = magnitude.toExponential(2).split("e");
    return `${sign}${mantissa}e${exponent.replace("+", "").replace("-", MINUS)}`;
  }
  return sign + (magnitude >= 100 ? Math.round(magnitude).toString() : magnitude.toPrecision(3));
}

/** An element of a tensor: integers and booleans exactly, others with three significant digits. */
export function formatElement(x: number, dtype: DType): string {
  if (dtype === "bool") return x === 0 ? "false" : "true";
  if (dtype === "int64" && Number.isFinite(x)) return x < 0 ? MINUS + String(-x) : String(x);
  return formatNumber(x);
}

/** Every digit that a number of this dtype has, for tables and copying. */
export function formatExactly(x: number, dtype: DType): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "NaN" : x > 0 ? "Infinity" : "-Infinity";
  if (dtype !== "float32") return String(x);
  // The shortest decimal that rounds to the same float32.
  for (let digits = 1; digits < 9; digits++) {
    const text = x.toPrecision(digits);
    if (Math.fround(Number(text)) === Math.fround(x)) return String(Number(text));
  }
  return String(Number(x.toPrecision(9)));
}

export function formatShape(shape: ArrayLike<number>): string {
  return `[${Array.from(shape).join(", ")}]`;
}

/** A share, 0 … 1, as a percentage with at most three significant digits. */
export function formatPercent(share: number): string {
  if (!Number.isFinite(share)) return "–";
  const percent = share * 100;
  if (percent === 0) return "0 %";
  if (percent < 0.1) return "<0.1 %";
  if (percent > 99.9 && percent < 100) return ">99.9 %";
  return `${String(Number(percent.toFixed(1)))} %`;
}

export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? String(value) : value.toPrecision(3)} ${units[unit] ?? ""}`;
}

/** Milliseconds, in the unit that suits them: "12.3 µs". */
export function formatTime(milliseconds: number): string {
  if (!(milliseconds > 0)) return "0 µs";
  if (milliseconds < 0.9995) return `${Number((milliseconds * 1e3).toPrecision(3))} µs`;
  if (milliseconds < 999.5) return `${Number(milliseconds.toPrecision(3))} ms`;
  return `${Number((milliseconds / 1e3).toPrecision(3))} s`;
}

/** Numbers of a column as multiples of one power of ten: the exponent, and how to write each number. */
export function sharedExponent(values: readonly number[]): {
  readonly exponent: number;
  readonly format: (x: number) => string;
} {
  const largest = Math.max(0, ...values.filter(Number.isFinite).map(Math.abs));
  const exponent = largest === 0 || (largest >= 1e-3 && largest < 1e4) ? 0 : Math.floor(Math.log10(largest));
  return { exponent, format: (x) => formatNumber(x / 10 ** exponent) };
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** "×10⁻³"; nothing for an exponent of 0. */
export function formatScale(exponent: number): string {
  if (exponent === 0) return "";
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)] ?? "").join("");
  return `×10${exponent < 0 ? "⁻" : ""}${digits}`;
}

/** "nets/digits-mlp.ts" → "digits-mlp.ts". */
export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

export function dtypeName(index: number): DType {
  return DTYPES[index] ?? "float32";
}

/** "1 op", "3 ops". */
export function count(n: number, noun: string): string {
  return `${String(n)} ${noun}${n === 1 ? "" : "s"}`;
}
