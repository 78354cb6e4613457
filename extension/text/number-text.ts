/** Three significant digits: plain from 1e-3 up to 1e4, else with an exponent. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Inf" : "-Inf";
  if (value === 0) return "0";
  const magnitude = Math.abs(value);
  if (magnitude < 1e-3 || magnitude >= 9999.5) return value.toExponential(2).replace("e+", "e");
  if (magnitude >= 999.5) return value.toFixed(0);
  return value.toPrecision(3);
}

/** Whole numbers as they are; the rest like {@link numberText}. For elements of integer tensors and counts. */
export function elementText(value: number, whole: boolean): string {
  return whole && Number.isFinite(value) ? String(value) : numberText(value);
}

/** A share from 0 to 1 as "38.3 %". */
export function percentText(share: number): string {
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
