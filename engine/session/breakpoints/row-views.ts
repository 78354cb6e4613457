import type { Pass } from "../../autograd/pass.ts";
import type { View } from "../../core/view.ts";

/** A row's value, where its tape says it is. */
export function valueView({ tape }: Pass, row: number): View {
  return { dtype: tape.dtype(row), offset: tape.value(row), shape: tape.shape(row), strides: tape.strides(row) };
}

/** A row's complete gradient; null when it got none. */
export function gradientView({ tape }: Pass, row: number): View | null {
  const offset = tape.gradient(row);
  if (offset === 0) return null;
  return { dtype: tape.dtype(row), offset, shape: tape.shape(row), strides: tape.gradientStrides(row) };
}
