import type { Frame } from "../protocol/failure.ts";

/** The user's frames at the time of the ops of a pass, each frame once. */
export interface CallStacks {
  readonly frames: readonly Frame[];
  /** The frames of each op whose call was noted, innermost first, as indices into `frames`. */
  readonly stacks: readonly (readonly [row: number, frames: readonly number[]])[];
}

export const NO_STACKS: CallStacks = { frames: [], stacks: [] };

/** Names each frame by a number: most ops were called from the same few places. */
export function collectStacks(stacks: Iterable<readonly [row: number, frames: readonly Frame[]]>): CallStacks {
  const frames: Frame[] = [];
  const byPlace = new Map<string, number>();
  // Whoever looks up frames hands out the same object for the same place, mostly.
  const byFrame = new Map<Frame, number>();
  const numberOf = (frame: Frame): number => {
    let number = byFrame.get(frame);
    if (number !== undefined) return number;
    const place = JSON.stringify([frame.name, frame.site]);
    number = byPlace.get(place);
    if (number === undefined) byPlace.set(place, (number = frames.push(frame) - 1));
    byFrame.set(frame, number);
    return number;
  };
  return { stacks: Array.from(stacks, ([row, list]) => [row, list.map(numberOf)] as const), frames };
}

/** The frames of one op, innermost first; none where they were not noted. */
export function framesOf({ frames, stacks }: CallStacks, row: number): readonly Frame[] {
  return stacks.find(([at]) => at === row)?.[1].flatMap((frame) => frames[frame] ?? []) ?? [];
}
