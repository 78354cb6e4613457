import type { Cause } from "../../protocol/check.ts";
import { mostInRow } from "./rearranged.ts";
import { coordinates, largest, timesOf, type Suspect } from "./suspect.ts";

/**
 * Elements of the result that depend on others than the one at their place, as those of a softmax or a normalisation do:
 * these paths are left out, have another factor, or run along another axis.
 */
export function otherElements(suspect: Suspect): Cause | null {
  return throughOthers(suspect, true);
}

/** The same where it is only seen that these paths are left out, and not that nothing else is. */
export function otherElementsAtLeast(suspect: Suspect): Cause | null {
  return throughOthers(suspect, false);
}

function throughOthers(suspect: Suspect, isAll: boolean): Cause | null {
  const { returned, jacobian, known, upstream, x, y, tolerance } = suspect;
  const columns = upstream.length;
  if (returned === null || x.length !== y.length || x.length < 2 || mostInRow(suspect) < 2) return null;
  const small = tolerance * Math.max(largest(returned), largest(jacobian));
  let diagonalIsRight = true;
  let [numerator, denominator] = [0, 0];
  const off: number[] = [];
  for (let at = 0; at < returned.length; at++) {
    if (known[at] === 0) continue;
    if (Math.floor(at / columns) === at % columns) {
      diagonalIsRight &&= Math.abs(returned[at]! - jacobian[at]!) <= small;
    } else {
      off.push(at);
      numerator += returned[at]! * jacobian[at]!;
      denominator += jacobian[at]! ** 2;
    }
  }
  if (denominator <= small ** 2) return null;
  const axis = axisOf(suspect, jacobian, small);
  const along = axis === null ? "" : ` along axis ${axis}`;
  const ratio = numerator / denominator;
  if (off.every((at) => Math.abs(returned[at]! - ratio * jacobian[at]!) <= small)) {
    if (Math.abs(ratio - 1) < 1e-5) return null;
    if (Math.abs(ratio) < 1e-6) {
      if (isAll && !diagonalIsRight && !isOfOneSum(suspect)) return null;
      const isSoftmax = diagonalIsRight && isSoftmaxLike(suspect, small);
      const what = isSoftmax
        ? `the Jacobian of softmax is taken as its diagonal y (1 − y): every probability${along} depends on every score`
        : diagonalIsRight
          ? `only the diagonal of the Jacobian is used: each element of the result depends on the other elements${along} as well`
          : axis === null
            ? "the term through elements at other places is missing: each element of the result depends on those as well"
            : `the term through the sum or mean${along} is missing: each element of the result depends on the other elements as well`;
      const code = `y.mul(grad.sub(grad.mul(y).sum(${axis ?? -1}, true)))`;
      return { kind: "missing-term", text: what, ...(isSoftmax && { fix: { kind: "write" as const, code } }) };
    }
    if (Math.abs(ratio + 1) < 1e-6) {
      return { kind: "sign", text: `what comes through the other elements${along} has the wrong sign` };
    }
    return {
      kind: "scale",
      ratio,
      text: `a factor in one term of the sum is wrong: what comes through the other elements${along} is ${timesOf(ratio)} what it must be`,
    };
  }
  return null;
}

/** Whether what is missing is a product of one factor for each element and one for each result, on the diagonal as elsewhere. */
function isOfOneSum({ returned, jacobian, upstream, tolerance }: Suspect): boolean {
  const columns = upstream.length;
  const missing = (e: number, k: number): number => jacobian[e * columns + k]! - returned![e * columns + k]!;
  const small = 1e3 * tolerance * Math.max(largest(returned!), largest(jacobian));
  for (let e = 0; e < columns; e++) {
    const reached = Array.from({ length: columns }, (_, k) => k).filter(
      (k) => k !== e && Math.abs(missing(e, k)) > small,
    );
    const [f, k] = reached;
    if (f === undefined || k === undefined) continue;
    const [own, through] = [missing(e, e) * missing(f, k), missing(e, k) * missing(f, e)];
    if (Math.abs(own - through) > 1e-3 * Math.max(Math.abs(own), Math.abs(through))) return false;
  }
  return true;
}

/** Elements that depend on others through a sum or mean alone, of which backward takes the one along another axis. */
export function otherAxis(suspect: Suspect): Cause | null {
  const { returned, jacobian, shape, outputShape, tolerance } = suspect;
  if (returned === null || outputShape.length === 0 || shape.length < 2) return null;
  const small = tolerance * Math.max(largest(returned), largest(jacobian));
  const [axis, used] = [axisOf(suspect, jacobian, small), axisOf(suspect, returned, small)];
  if (axis === null || used === null || axis === used) return null;
  if (!isSumLike(suspect, jacobian, small) || !isSumLike(suspect, returned, small)) return null;
  return {
    kind: "missing-reduction",
    text: `the sum or mean in backward runs over axis ${used}, that of forward over axis ${axis}`,
  };
}

/** Whether what elements have of those at other places is the same for all, as in a sum. */
function isSumLike({ upstream, known }: Suspect, matrix: Float64Array, small: number): boolean {
  const entries = matrix.filter((value, at) => {
    const isOwn = Math.floor(at / upstream.length) === at % upstream.length;
    return !isOwn && known[at] === 1 && Math.abs(value) > small;
  });
  return entries.every((value) => Math.abs(value - entries[0]!) <= 10 * small);
}

/** The only axis along which elements depend on each other. */
function axisOf({ shape, outputShape, upstream, known }: Suspect, matrix: Float64Array, small: number): number | null {
  if (shape.length !== outputShape.length || shape.some((size, axis) => size !== outputShape[axis])) return null;
  let found: number | null = null;
  for (let at = 0; at < matrix.length; at++) {
    if (known[at] === 0 || Math.abs(matrix[at]!) <= small) continue;
    const from = coordinates(shape, Math.floor(at / upstream.length));
    const to = coordinates(shape, at % upstream.length);
    const apart = shape.flatMap((_, axis) => (from[axis] === to[axis] ? [] : [axis]));
    if (apart.length === 0) continue;
    if (apart.length > 1 || (found !== null && found !== apart[0])) return null;
    found = apart[0]!;
  }
  return found;
}

/** ∂y[k]/∂x[e] = −y[k] y[e] off the diagonal. */
function isSoftmaxLike({ jacobian, upstream, y }: Suspect, small: number): boolean {
  const columns = upstream.length;
  for (let at = 0; at < jacobian.length; at++) {
    const [e, k] = [Math.floor(at / columns), at % columns];
    const expected = e === k ? y[e]! * (1 - y[e]!) : -y[e]! * y[k]!;
    if (Math.abs(jacobian[at]!) > small && Math.abs(jacobian[at]! - expected) > 100 * small) return false;
  }
  return true;
}
