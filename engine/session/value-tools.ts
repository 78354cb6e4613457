import type { DType } from "../protocol/dtype.ts";
import type { Frame } from "../protocol/failure.ts";

/*
 * What the examiner finds in the user thread to look at values with. It has no part of the engine: the examiner's thread
 * would start a runtime of its own with it, and compute with that one.
 */

/** Under this symbol the debugger finds {@link ValueTools}; the user's program does not meet it by chance. */
export const VALUES_KEY = "backstep.values";

/** What is told of a value besides what V8 tells. */
export interface LookedAt {
  /** Elements that are asked for page by page. */
  readonly indexed: number;
  /** The name of its class as the class itself says it: V8 knows the one that a bundler gave it. Empty where it has none. */
  readonly className: string;
  readonly tensor: { readonly text: string; readonly shape: readonly number[]; readonly dtype: DType } | null;
}

/** The tools that {@link VALUES_KEY} names, as code that runs in the user thread finds them. */
export const TOOLS = `globalThis[Symbol.for(${JSON.stringify(VALUES_KEY)})]`;

export interface ValueTools {
  /** A value that may be of any size, as one that can be sent. */
  bounded(value: unknown): unknown;
  lookAt(values: readonly unknown[]): LookedAt[];
  /** The own properties of a value that are no elements, as an object of their own. */
  named(value: object): object;
  /** Some of its elements, as an array of their own. */
  elements(value: object, start: number, count: number): readonly unknown[];
  /** The thread is about to be ended where it is paused: hands over what waits to be told. @returns the user's frames, innermost first */
  leave(): readonly Frame[];
}
