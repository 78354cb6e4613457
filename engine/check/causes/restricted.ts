import type { Block } from "./extent.ts";
import { coordinates, productWith, type Suspect } from "./suspect.ts";

/** A suspect of some elements of its input alone. */
export function onlyElements(suspect: Suspect, { axis, from, to, elements }: Block): Suspect {
  const columns = suspect.upstream.length;
  const rowsOf = <T extends Float64Array | Uint8Array>(matrix: T): T =>
    matrix.filter((_, at) => kept.has(Math.floor(at / columns))) as T;
  const kept = new Set(elements);
  const pick = (values: Float64Array): Float64Array => Float64Array.from(elements, (element) => values[element]!);
  return {
    ...suspect,
    shape: suspect.shape.map((size, at) => (at === axis ? to - from : size)),
    placeOf: (element) => suspect.placeOf?.(elements[element]!) ?? coordinates(suspect.shape, elements[element]!),
    x: pick(suspect.x),
    given: pick(suspect.given),
    truth: pick(suspect.truth),
    jacobian: rowsOf(suspect.jacobian),
    known: rowsOf(suspect.known),
    returned: suspect.returned && rowsOf(suspect.returned),
    // Where the result has the input's shape, elements that none of these reach are of no use to hold them against.
    ...matching(suspect, elements),
    others: suspect.others.map((other) => {
      const isAlike = other.values.length === suspect.x.length;
      return isAlike ? { ...other, jacobian: () => Promise.resolve(null) } : other;
    }),
    productFor: async (cotangent) => pick(await suspect.productFor(cotangent)),
  };
}

function matching(suspect: Suspect, elements: readonly number[]): Partial<Suspect> {
  const { jacobian, returned, upstream, x } = suspect;
  const columns = upstream.length;
  if (x.length !== columns || returned === null) return {};
  const isDiagonal = elements.every((e) => {
    for (let k = 0; k < columns; k++) {
      const at = e * columns + k;
      if (k !== e && (Math.abs(jacobian[at]!) > 1e-9 || Math.abs(returned[at]!) > 1e-9)) return false;
    }
    return true;
  });
  if (!isDiagonal) return {};
  // An elementwise function of these elements alone.
  const diagonalOf = (matrix: Float64Array): Float64Array => {
    const square = new Float64Array(elements.length ** 2);
    elements.forEach((e, i) => (square[i * elements.length + i] = matrix[e * columns + e]!));
    return square;
  };
  const pick = (values: Float64Array): Float64Array => Float64Array.from(elements, (element) => values[element]!);
  return {
    jacobian: diagonalOf(jacobian),
    returned: diagonalOf(returned),
    known: new Uint8Array(elements.length ** 2).fill(1),
    y: pick(suspect.y),
    upstream: pick(upstream),
    outputShape: [elements.length],
    productFor: async (cotangent) => {
      const whole = new Float64Array(columns);
      elements.forEach((e, i) => (whole[e] = cotangent[i]!));
      return pick(await suspect.productFor(whole));
    },
  };
}

/** A suspect of what comes through some elements of the result alone. */
export function onlyOutputs(suspect: Suspect, start: number, count: number, outputShape: readonly number[]): Suspect {
  const columns = suspect.upstream.length;
  const isKept = (at: number): boolean => at % columns >= start && at % columns < start + count;
  const columnsOf = <T extends Float64Array | Uint8Array>(matrix: T): T => matrix.filter((_, at) => isKept(at)) as T;
  const upstream = suspect.upstream.slice(start, start + count);
  const jacobian = columnsOf(suspect.jacobian);
  const returned = suspect.returned && columnsOf(suspect.returned);
  return {
    ...suspect,
    outputShape,
    y: suspect.y.slice(start, start + count),
    upstream,
    jacobian,
    known: columnsOf(suspect.known),
    returned,
    truth: productWith(jacobian, upstream),
    given: returned ? productWith(returned, upstream) : suspect.given,
    others: suspect.others.map((other) => ({
      ...other,
      jacobian: async () => {
        const theirs = await other.jacobian();
        return theirs && columnsOf(theirs);
      },
    })),
    productFor: (cotangent) => {
      const whole = new Float64Array(columns);
      whole.set(cotangent, start);
      return suspect.productFor(whole);
    },
  };
}
