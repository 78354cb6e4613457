import type { RecordedDType } from "../../engine/protocol/recorded-dtype.ts";
import { exactText } from "../../engine/recording/number-text.ts";

/** Nested brackets of a row-major tensor, one innermost row a line. */
function nested(shape: readonly number[], write: (flat: number) => string, open: string, close: string): string {
  const part = (axis: number, start: number, indent: string): string => {
    if (axis === shape.length) return write(start);
    const size = shape[axis] ?? 0;
    const stride = shape.slice(axis + 1).reduce((product, one) => product * one, 1);
    const parts = Array.from({ length: size }, (_, i) => part(axis + 1, start + i * stride, `${indent} `));
    const separator = axis === shape.length - 1 ? ", " : `,\n${indent} `;
    return open + parts.join(separator) + close;
  };
  return part(0, 0, "");
}

/** JSON; numbers that are not finite are the strings "NaN", "Infinity", "-Infinity". */
export function toJson(shape: readonly number[], data: ArrayLike<number>, dtype: RecordedDType): string {
  const write = (i: number): string => {
    const x = data[i] ?? NaN;
    if (dtype === "bool") return x === 0 ? "false" : "true";
    return Number.isFinite(x) ? exactText(x, dtype) : JSON.stringify(exactText(x, dtype));
  };
  return nested(shape, write, "[", "]");
}

/** An expression that NumPy evaluates to the same array. */
export function toNumPy(shape: readonly number[], data: ArrayLike<number>, dtype: RecordedDType): string {
  const write = (i: number): string => {
    const x = data[i] ?? NaN;
    if (dtype === "bool") return x === 0 ? "False" : "True";
    if (Number.isNaN(x)) return "np.nan";
    if (!Number.isFinite(x)) return x > 0 ? "np.inf" : "-np.inf";
    return exactText(x, dtype);
  };
  const body = `np.array(${nested(shape, write, "[", "]")}, dtype=np.${dtype === "bool" ? "bool_" : dtype})`;
  // Brackets cannot tell [0, 3] from [0].
  return shape.includes(0)
    ? `np.empty((${shape.join(", ")}${shape.length === 1 ? "," : ""}), dtype=np.${dtype === "bool" ? "bool_" : dtype})`
    : body;
}

/** A matrix as comma-separated values, a row a line. */
export function toCsv(rows: number, columns: number, data: ArrayLike<number>, dtype: RecordedDType): string {
  const lines: string[] = [];
  for (let i = 0; i < rows; i++) {
    const cells = Array.from({ length: columns }, (_, j) => exactText(data[i * columns + j] ?? NaN, dtype));
    lines.push(cells.join(","));
  }
  return `${lines.join("\n")}\n`;
}
