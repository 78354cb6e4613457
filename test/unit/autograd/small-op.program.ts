import { arange } from "../../../engine/index.ts";
import { withThreads } from "../../bench/runtime.ts";

/**
 * Prints how many bytes of JavaScript's own heap an op on a small tensor makes, forward and backward, recorded. Needs a
 * young generation that holds a whole measurement: node --expose-gc --min-semi-space-size=64 --max-semi-space-size=64.
 */
const OPS = 1000;
const STEPS = 10;

const bytes = await withThreads(1, () => {
  const x = arange(16).float().requiresGrad_();
  const [a, b] = [arange(16).float().mul(0.01), arange(16).float().mul(0.02)];
  const step = (): void => {
    x.grad = null;
    let h = x.mul(a);
    for (let i = 1; i < OPS; i++) h = i % 2 === 0 ? h.mul(a) : h.add(b);
    h.sum().backward();
  };
  for (let i = 0; i < 600; i++) step();
  // Code that V8 has not compiled yet makes objects of its own, on a busy machine for long, and the arena collects at times.
  const rounds: number[] = [];
  for (let round = 0; round < 48; round++) {
    globalThis.gc!();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < STEPS; i++) step();
    rounds.push(process.memoryUsage().heapUsed - before);
  }
  return rounds.sort((a, b) => a - b)[rounds.length >> 2]!;
});
console.log(bytes / STEPS / OPS);
