import { setFlagsFromString } from "node:v8";

/**
 * How V8 is to run programs whose every op makes a few small objects, which all die together after the pass.
 *
 * Where objects of a pass outlived a collection, V8 makes the next of their kind among the old ones. Dead ones there hold what
 * they point to, so that nearly all of each later pass is copied and kept, too: a step of 65,818 scalars took 62 ms in place of
 * 37. And what V8 joins into one function ends at 920 bytes of code, in the middle of applying an op.
 */
export const V8_FLAGS = ["--no-allocation-site-pretenuring", "--max-inlined-bytecode-size-cumulative=3000"] as const;

/** Must come before any code is compiled that is kept for the next start: it belongs to its flags. */
export function setV8Flags(): void {
  for (const flag of V8_FLAGS) setFlagsFromString(flag);
}
