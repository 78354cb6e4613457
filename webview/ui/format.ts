import { t } from "../../engine/language/translate.ts";
import { RECORDED_DTYPES, type RecordedDType } from "../../engine/protocol/recorded-dtype.ts";
import { elementText, numberText, roundedText } from "../../engine/recording/number-text.ts";

const MINUS = "\u2212";

/** A number as the panel writes it: {@link numberText} with a true minus sign. */
export function formatNumber(x: number): string {
  return typeset(numberText(x));
}

/** A number without zeros at its end, where there is little room: {@link roundedText} with a true minus sign. */
export function formatRounded(x: number): string {
  return typeset(roundedText(x));
}

/** An element of a tensor: integers and booleans exactly, others with three significant digits. */
export function formatElement(x: number, dtype: RecordedDType): string {
  return typeset(elementText(x, dtype));
}

function typeset(text: string): string {
  return text.replaceAll("-", MINUS);
}

export function formatShape(shape: ArrayLike<number>): string {
  return `[${Array.from(shape).join(", ")}]`;
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

export function dtypeName(index: number): RecordedDType {
  return RECORDED_DTYPES[index] ?? "float32";
}

/** "1 op", "3 ops". */
export function count(n: number, noun: string): string {
  return t(`{0} ${noun}${n === 1 ? "" : "s"}`, n);
}
