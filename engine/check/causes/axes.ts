/** So many of some axes, in every way, each in ascending order. */
export function subsetsOf(axes: readonly number[], count: number): readonly (readonly number[])[] {
  if (count === 0) return [[]];
  return axes.flatMap((axis, at) => subsetsOf(axes.slice(at + 1), count - 1).map((rest) => [axis, ...rest]));
}
