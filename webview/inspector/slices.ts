/** More are counted, not shown. */
export const MOST_TILES = 48;

/** Every slice of a tensor along two of its axes, in the order of the others: where each is, and how many there are. */
export function slicesOf(
  shape: readonly number[],
  axes: readonly [number, number],
): { readonly slices: readonly (readonly number[])[]; readonly total: number } {
  const others = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const total = shape.length < 3 ? 1 : others.reduce((product, axis) => product * (shape[axis] ?? 1), 1);
  const slices = Array.from({ length: Math.min(total, MOST_TILES) }, (_, number) => {
    const at = shape.map(() => 0);
    let rest = number;
    for (const axis of others.toReversed()) {
      const size = shape[axis] ?? 1;
      at[axis] = rest % size;
      rest = Math.floor(rest / size);
    }
    return at;
  });
  return { slices, total };
}

/** Sides that a picture has, at least and at most. */
const [SMALLEST, LARGEST] = [8, 256];

/** Whether a tensor is a batch of so many pictures: [N, height, width] or [N, channels, height, width]. */
export function isBatchOfPictures(shape: readonly number[], count: number): boolean {
  const sides = shape.slice(-2);
  const channels = shape.length === 4 ? (shape[1] ?? 0) : 1;
  return (
    (shape.length === 3 || shape.length === 4) &&
    shape[0] === count &&
    [1, 3].includes(channels) &&
    sides.every((side) => side >= SMALLEST && side <= LARGEST)
  );
}
