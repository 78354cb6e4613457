import type { Cause } from "../../protocol/check.ts";
import { sameShape } from "../../core/shape.ts";
import { agree, coordinates, explains, flatIndex, largest, type Suspect } from "./suspect.ts";

/** The right numbers in the wrong places: for another input. */
export async function swappedInputs(suspect: Suspect): Promise<Cause | null> {
  const { name, shape, others, upstream, given } = suspect;
  const columns = upstream.length;
  for (const other of others) {
    if (!sameShape(other.shape, shape)) continue;
    const theirs = await other.jacobian();
    if (theirs === null || theirs.length !== given.length * columns) continue;
    const product = given.map((_, e) => upstream.reduce((sum, value, k) => sum + value * theirs[e * columns + k]!, 0));
    const sign = [1, -1].find((factor) =>
      suspect.returned
        ? explains(suspect, (e, k) => factor * theirs[e * columns + k]!)
        : agree(
            suspect,
            given,
            product.map((value) => factor * value),
          ),
    );
    if (sign === undefined) continue;
    // That one input's gradient is another's as well may be a factor left out.
    const returned = await other.given();
    const mine = suspect.truth.map((value) => sign * value);
    if (returned === null || !agree({ ...suspect, tolerance: 1e-4 }, returned, mine)) continue;
    return {
      kind: "swapped-inputs",
      text:
        sign === 1
          ? `the inputs are swapped: what backward returns for ${name} belongs to ${other.name}`
          : `the inputs are swapped: backward returns for ${name} minus the gradient of ${other.name}, and the reverse`,
    };
  }
  return null;
}

export function transposed(suspect: Suspect): Cause | null {
  const { shape, truth, given } = suspect;
  if (shape.length >= 2 && Math.min(shape.at(-1)!, shape.at(-2)!) > 1) {
    const rows = shape.at(-2)!;
    const columns = shape.at(-1)!;
    const turned = new Float64Array(truth.length);
    const matrix = rows * columns;
    truth.forEach((value, flat) => {
      const start = Math.floor(flat / matrix) * matrix;
      const row = Math.floor((flat - start) / columns);
      const column = (flat - start) % columns;
      turned[start + column * rows + row] = value;
    });
    if (agree(suspect, given, turned)) {
      if (rows !== columns) {
        return {
          kind: "transpose",
          text: "the gradient is reshaped where it must be transposed: its elements come in another order",
        };
      }
      return {
        kind: "transpose",
        text: "the result is transposed: backward returns the transpose of the gradient",
        fix: { kind: "append", code: shape.length === 2 ? ".t()" : ".mT" },
      };
    }
  }
  return null;
}

/** A transpose of what backward multiplies: of another operand, or of the gradient from above. */
export function transposedWithin(suspect: Suspect): Cause | null {
  return operandTransposed(suspect) ?? upstreamTransposed(suspect);
}

/** Most entries that a row of a matrix has which are not zero. */
export function mostInRow({ jacobian, upstream, tolerance }: Suspect): number {
  const small = tolerance * largest(jacobian);
  const columns = upstream.length;
  let most = 0;
  for (let start = 0; start < jacobian.length; start += columns) {
    let here = 0;
    for (let k = start; k < start + columns; k++) here += Number(Math.abs(jacobian[k]!) > small);
    most = Math.max(most, here);
  }
  return most;
}

/** As where a product with W stands for one with Wᵀ: an index of the element and one of the result change places. */
function operandTransposed(suspect: Suspect): Cause | null {
  const { name, shape, outputShape, jacobian, upstream, others } = suspect;
  const columns = upstream.length;
  // Where an element reaches one of the result alone, there is no product of matrices.
  if (mostInRow(suspect) < 2 || others.length === 0) return null;
  for (const [p, size] of shape.entries()) {
    for (const [q, same] of outputShape.entries()) {
      if (size !== same || size < 2) continue;
      const matches = explains(suspect, (e, k) => {
        const from = coordinates(shape, e);
        const to = coordinates(outputShape, k);
        [from[p], to[q]] = [to[q]!, from[p]!];
        return jacobian[flatIndex(shape, from) * columns + flatIndex(outputShape, to)]!;
      });
      if (!matches) continue;
      const square = others.find(({ shape: theirs }) => theirs.at(-1) === size && theirs.at(-2) === size);
      // With no matrix to transpose it is a rotation, or a kernel that is moved over the gradient as over the input.
      return square
        ? {
            kind: "transpose",
            text: `a transpose is missing or too many: backward uses ${square.name} where its transpose belongs`,
          }
        : notTurnedBack(name);
    }
  }
  return null;
}

/** Two axes of the gradient from above have changed places: it is transposed, or summed over the wrong one. */
function upstreamTransposed(suspect: Suspect): Cause | null {
  const { shape, outputShape, jacobian, upstream } = suspect;
  const columns = upstream.length;
  for (let a = 0; a < outputShape.length; a++) {
    for (let b = a + 1; b < outputShape.length; b++) {
      if (outputShape[a] !== outputShape[b] || outputShape[a]! < 2) continue;
      const matches = explains(suspect, (e, k) => {
        const index = coordinates(outputShape, k);
        [index[a], index[b]] = [index[b]!, index[a]!];
        return jacobian[e * columns + flatIndex(outputShape, index)]!;
      });
      if (!matches) continue;
      if (shape.length < outputShape.length) {
        return {
          kind: "missing-reduction",
          text: `the gradient from above is summed over the wrong axis: axes ${a} and ${b} of the result are confused`,
        };
      }
      return {
        kind: "transpose",
        text: `the gradient from above is transposed: axes ${a} and ${b} have changed places before it is used`,
      };
    }
  }
  return null;
}

/** What backward returns for one input is the gradient of another, whose own is right. */
export async function ofAnother(suspect: Suspect): Promise<Cause | null> {
  const { name, shape, others, upstream } = suspect;
  const columns = upstream.length;
  for (const other of others) {
    const theirs = sameShape(other.shape, shape) ? await other.jacobian() : null;
    if (theirs === null || !explains(suspect, (e, k) => theirs[e * columns + k]!)) continue;
    return { kind: "swapped-inputs", text: `backward returns the gradient of ${other.name} for ${name} as well` };
  }
  return null;
}

/** An op that only moves elements, whose backward moves the gradient to the wrong ones. */
export function misplaced(suspect: Suspect): Cause | null {
  const { returned, jacobian, known, upstream, shape, outputShape, name, tolerance } = suspect;
  if (returned === null || known.includes(0)) return null;
  const columns = upstream.length;
  const half = 0.5 * largest(jacobian);
  const factor = jacobian.find((value) => Math.abs(value) > half) ?? 0;
  const small = 10 * tolerance * Math.abs(factor);
  const isMove = (value: number): boolean => Math.abs(value) <= small || Math.abs(value - factor) <= small;
  if (factor === 0 || !jacobian.every(isMove) || !returned.every(isMove)) return null;
  const sources = (matrix: Float64Array, e: number): number[] =>
    Array.from(upstream.keys()).filter((k) => Math.abs(matrix[e * columns + k]!) > small);
  for (let e = 0; e < shape.reduce((product, size) => product * size, 1); e++) {
    const [right, used] = [sources(jacobian, e), sources(returned, e)];
    if (right.length === 0 || used.length !== right.length || right.every((k, i) => k === used[i])) continue;
    const place = (k: number): string =>
      outputShape.length === 0 ? `${k}` : `[${coordinates(outputShape, k).join(", ")}]`;
    const at = `[${coordinates(shape, e).join(", ")}]`;
    const from = used.map(place).join(" and ");
    return {
      kind: "shift",
      text: `the gradient goes to the wrong elements: ${at} of ${name} gets that of ${from} of the result, where that of ${right.map(place).join(" and ")} belongs`,
    };
  }
  return null;
}

/** Moved by some places along an axis; what moves out comes in again on the other side, or is lost. Or turned around. */
export function shifted(suspect: Suspect): Cause | null {
  const { shape, truth, given } = suspect;
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis]!;
    if (size >= 4 && size % 2 === 0 && agree(suspect, given, moveAlong(truth, shape, axis, size / 2, true))) {
      return {
        kind: "shift",
        text: `the two halves of the gradient along axis ${axis} are in each other's place`,
        fix: { kind: "append", code: `.roll(${size / 2}, ${axis})` },
      };
    }
    for (let by = 1; by < Math.min(size, 9); by++) {
      for (const places of [by, -by]) {
        const rolled = moveAlong(truth, shape, axis, places, true);
        const dropped = moveAlong(truth, shape, axis, places, false);
        if (!agree(suspect, given, rolled) && !(largest(dropped) > 0 && agree(suspect, given, dropped))) continue;
        return {
          kind: "shift",
          text: `the gradient is shifted by ${places} along axis ${axis}: each element gets that of its neighbour`,
          ...(agree(suspect, given, rolled) && {
            fix: { kind: "append" as const, code: `.roll(${-places}, ${axis})` },
          }),
        };
      }
    }
    if (size > 1 && axis === shape.length - 1 && shape.length > 1) {
      const both = flipped(flipped(truth, shape, axis), shape, axis - 1);
      if (shape[axis - 1]! > 1 && agree(suspect, given, both)) {
        return {
          kind: "shift",
          text: `the gradient is turned around along axes ${axis - 1} and ${axis}`,
          fix: { kind: "append", code: `.flip([${axis - 1}, ${axis}])` },
        };
      }
    }
    if (size > 2 && agree(suspect, given, flipped(truth, shape, axis))) {
      return {
        kind: "shift",
        text: `the gradient is turned around along axis ${axis}: backward must flip it as forward flips its input`,
        fix: { kind: "append", code: `.flip(${axis})` },
      };
    }
  }
  return null;
}

/**
 * Moved within each group of neighbours along an axis, as an index that is off by one in each window moves it; or two axes
 * that an axis is split into in each other's place, as those of a pixel shuffle.
 */
export function movedInGroups(suspect: Suspect): Cause | null {
  const { shape, truth, given } = suspect;
  for (const [axis, size] of shape.entries()) {
    // In a pair, the neighbour is the other one: a mask that is inverted says more.
    for (const group of divisorsOf(size).filter((divisor) => divisor > 2)) {
      const split = shape.toSpliced(axis, 1, size / group, group);
      for (let by = 1; by <= group / 2; by++) {
        for (const places of 2 * by === group ? [by] : [by, -by]) {
          if (!agree(suspect, given, moveAlong(truth, split, axis + 1, places, true))) continue;
          const text = `the gradient is shifted by ${places} within each group of ${group} along axis ${axis}: each element gets that of its neighbour`;
          return { kind: "shift", text };
        }
      }
    }
    for (const inner of [1, ...divisorsOf(size)]) {
      for (const a of divisorsOf(size / inner)) {
        for (const b of divisorsOf(size / inner / a, true)) {
          const split = shape.toSpliced(axis, 1, size / (inner * a * b), a, b, inner);
          if (!agree(suspect, given, exchangedAxes(truth, split, axis + 1))) continue;
          const text = `axis ${axis} is split into axes of which those of sizes ${a} and ${b} are in each other's place: the gradient's elements come in another order along it`;
          return { kind: "transpose", text };
        }
      }
    }
  }
  return null;
}

/** What divides a size, but for 1 and, unless it is asked for, the size itself. */
function divisorsOf(size: number, isWholeToo = false): number[] {
  return Array.from({ length: size }, (_, i) => i + 1).filter(
    (divisor) => divisor > 1 && size % divisor === 0 && (isWholeToo || divisor < size),
  );
}

/** The elements in the order that they have when an axis and the next are exchanged. */
function exchangedAxes(values: Float64Array, shape: readonly number[], axis: number): Float64Array {
  const [a, b] = [shape[axis]!, shape[axis + 1]!];
  const inner = shape.slice(axis + 2).reduce((product, n) => product * n, 1);
  return values.map((_, flat) => {
    const at = Math.floor(flat / inner) % (a * b);
    const from = (at % a) * b + Math.floor(at / a);
    return values[flat + (from - at) * inner]!;
  });
}

/** What forward does to x is done to the gradient as well, where its transpose belongs: a rotation that must turn back. */
export function notTransposed(suspect: Suspect): Cause | null {
  const { jacobian, upstream, x, others, name } = suspect;
  const columns = upstream.length;
  if (others.length > 0 || x.length !== columns || mostInRow(suspect) < 2) return null;
  const size = largest(jacobian);
  // A matrix of one number is a sum of some sort, whose step in forward says more.
  const isUniform = jacobian.every((value) => Math.abs(value) < 1e-6 * size || Math.abs(value - size) < 1e-6 * size);
  return isUniform || !explains(suspect, (e, k) => jacobian[k * columns + e]!) ? null : notTurnedBack(name);
}

function notTurnedBack(name: string): Cause {
  return {
    kind: "transpose",
    text: `backward does to the gradient what forward does to ${name}, where the transpose of that belongs: what turns one way must be turned back`,
  };
}

/**
 * y = R(x) · s needs Rᵀ(g · s), not Rᵀ(g) · s: the factor is that of the place where the gradient came from, not of the one
 * it goes to.
 */
export function rearrangedTooEarly(suspect: Suspect): Cause | null {
  const { returned, jacobian, known, upstream, x, tolerance } = suspect;
  const columns = upstream.length;
  if (returned === null || x.length !== columns || mostInRow(suspect) > 2) return null;
  const small = tolerance * Math.max(largest(returned), largest(jacobian));
  let found = 0;
  for (let at = 0; at < returned.length; at++) {
    if (known[at] === 0 || Math.abs(returned[at]! - jacobian[at]!) <= small) continue;
    const row = Math.floor(at / columns);
    const column = at % columns;
    if (row === column || (Math.abs(jacobian[at]!) <= small && Math.abs(returned[at]!) > small)) return null;
    // The factor that forward uses at this element's own place: in whichever row its column has another entry.
    let own = false;
    // Nothing at all, and another sign, are mistakes of another kind.
    const [used, right] = [Math.abs(returned[at]!), Math.abs(jacobian[at]!)];
    if (used <= small || Math.abs(used - right) <= small) return null;
    for (let e = 0; e < x.length && !own; e++) {
      own = e !== row && Math.abs(Math.abs(jacobian[e * columns + row]!) - used) <= small;
    }
    if (!own) return null;
    found++;
  }
  if (found < 2) return null;
  return {
    kind: "shift",
    text: "the gradient from above is rotated, flipped or shifted before it is multiplied, where it must be after: each element uses the factor of its own place instead of that of the place the gradient comes from; multiply first, then move it back",
  };
}

function flipped(values: Float64Array, shape: readonly number[], axis: number): Float64Array {
  return values.map((_, flat) => {
    const index = coordinates(shape, flat);
    index[axis] = shape[axis]! - 1 - index[axis]!;
    return values[flatIndex(shape, index)]!;
  });
}

function moveAlong(
  values: Float64Array,
  shape: readonly number[],
  axis: number,
  places: number,
  wrap: boolean,
): Float64Array {
  const size = shape[axis]!;
  const stride = shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  const out = new Float64Array(values.length);
  values.forEach((value, flat) => {
    const at = coordinates(shape, flat)[axis]!;
    const to = at + places;
    if (!wrap && (to < 0 || to >= size)) return;
    out[flat + (((to + size) % size) - at) * stride] = value;
  });
  return out;
}
