import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { View } from "../../core/view.ts";
import type { BinaryFunction } from "../kernels.ts";

/**
 * Sums, differences, products and quotients of two scalars, for which a call into WASM takes longer than all else. To the
 * last bit what the kernels give: a double holds more than twice the digits of a float32, so that rounding its result
 * rounds the exact one.
 * @returns false for what is left to the kernels.
 */
export function binaryOfScalars(memory: SharedMemory, name: BinaryFunction, a: View, b: View, out: View): boolean {
  const { dtype } = out;
  if (a.dtype !== dtype || b.dtype !== dtype) return false;
  if (dtype === "float32") {
    const { f32 } = memory;
    const value = arithmetic(name, f32[a.offset >>> 2]!, f32[b.offset >>> 2]!);
    if (value === null) return false;
    f32[out.offset >>> 2] = value;
    return true;
  }
  if (dtype !== "float64") return false;
  const { f64 } = memory;
  const value = arithmetic(name, f64[a.offset >>> 3]!, f64[b.offset >>> 3]!);
  if (value === null) return false;
  f64[out.offset >>> 3] = value;
  return true;
}

function arithmetic(name: BinaryFunction, a: number, b: number): number | null {
  switch (name) {
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "div":
      return a / b;
    default:
      return null;
  }
}
