import type { View } from "../../core/view.ts";

export function elementsIn(shape: readonly number[]): number {
  let count = 1;
  for (let axis = 0; axis < shape.length; axis++) count *= shape[axis]!;
  return count;
}

/** Whether a view's elements lie one after the other in row-major order. */
export function isDense(view: View): boolean {
  const { shape, strides } = view;
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    if (size !== 1) {
      if (strides[axis] !== stride) return false;
      stride *= size;
    }
  }
  return true;
}

/** Whether a view's elements fill a stretch of memory without a gap, in whichever order of the axes. */
export function isPacked(view: View): boolean {
  if (isDense(view)) return true;
  const { shape, strides } = view;
  const axes = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== 1);
  let stride = 1;
  for (const axis of axes.sort((a, b) => strides[a]! - strides[b]!)) {
    if (strides[axis] !== stride) return false;
    stride *= shape[axis]!;
  }
  return true;
}

/** As many as a tensor has. */
export const MOST_AXES = 64;
const MOST_VIEWS = 4;

/**
 * Views of one shape with as few axes as possible: axes of size 1 are dropped, and neighbours are joined where every
 * view steps through them evenly. The numbers stand in arrays of this object, which is reused from call to call.
 */
export class Layout {
  axes = 0;
  readonly sizes = new Int32Array(MOST_AXES);
  readonly strides: readonly Int32Array[] = Array.from({ length: MOST_VIEWS }, () => new Int32Array(MOST_AXES));

  /** Axes come innermost first. */
  set(shape: readonly number[], views: readonly View[]): void {
    const { sizes, strides } = this;
    let axes = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis]!;
      if (size === 1) continue;
      let joined = axes > 0;
      for (let v = 0; joined && v < views.length; v++) {
        joined = views[v]!.strides[axis] === strides[v]![axes - 1]! * sizes[axes - 1]!;
      }
      if (joined) {
        sizes[axes - 1]! *= size;
        continue;
      }
      sizes[axes] = size;
      for (let v = 0; v < views.length; v++) strides[v]![axes] = views[v]!.strides[axis]!;
      axes++;
    }
    for (; axes < 2; axes++) {
      sizes[axes] = 1;
      for (let v = 0; v < views.length; v++) strides[v]![axes] = 0;
    }
    this.axes = axes;
  }
}

/** Steps through the axes of a {@link Layout} beyond the first two. */
export class OuterIndex {
  readonly #index = new Int32Array(MOST_AXES);
  /** For each view, how far its first element has moved, in elements. */
  readonly moved = new Float64Array(MOST_VIEWS);

  start(): void {
    this.#index.fill(0);
    this.moved.fill(0);
  }

  /** @returns false when all positions have been visited. */
  next(layout: Layout, views: number): boolean {
    for (let axis = 2; axis < layout.axes; axis++) {
      const size = layout.sizes[axis]!;
      const index = this.#index[axis]! + 1;
      const step = index < size ? 1 : 1 - size;
      this.#index[axis] = index < size ? index : 0;
      for (let v = 0; v < views; v++) this.moved[v]! += step * layout.strides[v]![axis]!;
      if (step === 1) return true;
    }
    return false;
  }
}
