import { HELD_AS, type RecordedDType } from "../protocol/recorded-dtype.ts";

/**
 * A number for people: three significant digits, plain from 1e-3 up to 1e4, else with an exponent; "NaN", "Inf", "-Inf". Ascii,
 * so that it can be copied into code and edited.
 */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return notFiniteText(value);
  if (value === 0) return "0";
  const magnitude = Math.abs(value);
  if (Number(magnitude.toPrecision(3)) < 1e-3 || magnitude >= 9999.5) return value.toExponential(2).replace("e+", "e");
  if (magnitude >= 999.5) return value.toFixed(0);
  return value.toPrecision(3);
}

/**
 * A number within a sentence: as many significant digits as asked for, without zeros at their end, whole numbers below a million
 * exactly; in the range from 1e-3 up to 1e5 plain, else with an exponent.
 */
export function roundedText(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return notFiniteText(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value === 0 ? 0 : value);
  const rounded = Number(value.toPrecision(digits));
  const magnitude = Math.abs(rounded);
  if (magnitude >= 1e-3 && magnitude < 1e5) return String(rounded);
  return value
    .toExponential(digits - 1)
    .replace(/\.?0*e/, "e")
    .replace("e+", "e");
}

/** "NaN", "Inf", "-Inf". */
export function notFiniteText(value: number): string {
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Inf" : "-Inf";
}

/** An element of a tensor: integers and booleans exactly, others like {@link numberText}. */
export function elementText(value: number, dtype: RecordedDType): string {
  if (dtype === "bool") return value === 0 ? "false" : "true";
  return isWhole(dtype) && Number.isFinite(value) ? String(value) : numberText(value);
}

/** Every digit that a number of this dtype has, for tables and copying; "Infinity" as JavaScript and Python read it. */
export function exactText(value: number, dtype: RecordedDType): string {
  if (!Number.isFinite(value)) return String(value);
  if (HELD_AS[dtype] !== "float32") return String(value);
  // The shortest decimal that rounds to the same float32.
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === Math.fround(value)) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

/** Whether tensors of a dtype hold whole numbers or booleans. */
export function isWhole(dtype: RecordedDType): boolean {
  return HELD_AS[dtype] === "int64" || dtype === "bool";
}

/** A share from 0 to 1 as "38.3 %". */
export function percentText(share: number): string {
  if (!Number.isFinite(share)) return "–";
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  // Never rounded to all or nothing: "100 % zero" is a statement of its own.
  if (percent < 0.1) return "< 0.1 %";
  if (percent > 99.9) return "> 99.9 %";
  return `${percent.toPrecision(3)} %`;
}

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB"];
  let value = bytes;
  let unit = "B";
  for (const next of units) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${value.toPrecision(3)} ${unit}`;
}
