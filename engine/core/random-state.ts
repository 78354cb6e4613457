import { EngineError } from "../context/engine-error.ts";

/**
 * Where this thread's random numbers come from: a seed, and how many have been drawn. A draw depends on the two alone, so
 * it is the same on every machine and for any number of threads.
 */
let seed = 0;
let counter = 0;

/** Starts the random numbers again from a seed. PyTorch: `torch.manual_seed`. */
export function manualSeed(value: number): void {
  if (!Number.isFinite(value))
    throw new EngineError("value", `manualSeed: the seed must be a number, got ${typeof value}`);
  seed = Math.abs(Math.trunc(value));
  counter = 0;
}

export function randomSeed(): number {
  return seed;
}

/** The counter for a draw of `count` numbers; the next draw gets one that shares none with it. */
export function nextCounter(count: number): number {
  const first = counter;
  counter += Math.ceil(count / 2) + 1;
  return first;
}

/** A seed for a generator of its own, that follows from the state. */
export function drawSeed(): number {
  return (seed * 0x9e3779b1 + nextCounter(1) * 0x85ebca77) % 2 ** 52;
}

export type RandomState = readonly [seed: number, counter: number];

/** Where the random numbers stand, to return to it. */
export function randomState(): RandomState {
  return [seed, counter];
}

export function restoreRandomState(state: RandomState): void {
  [seed, counter] = state;
}
