import type { Cause } from "../../protocol/check.ts";

/** A cause as a hypothesis gives it. */
export interface Explanation extends Cause {
  /** The reason that `text` ends with, where it gives one for a factor. */
  readonly reason?: {
    /** The text without it. */
    readonly observed: string;
    /** Whether a number of forward that is as large must not take its place. */
    readonly isCertain: boolean;
  };
  /** The factor that is off is a value of one element, and `text` says which. */
  readonly isValue?: true;
  /** People do it on purpose as well, and may say so. */
  readonly mayBeMeant?: true;
}

/** A cause of a part only, said after where that is. Its fix would change the rest as well. */
export function within(place: string, { fix: _, reason, ...cause }: Explanation): Explanation {
  const text = `${place}${cause.text}`;
  return reason
    ? { ...cause, text, reason: { ...reason, observed: `${place}${reason.observed}` } }
    : { ...cause, text };
}

/** The cause as it is told. */
export function told({ reason: _, isValue: __, mayBeMeant: ___, ...cause }: Explanation): Cause {
  return cause;
}
