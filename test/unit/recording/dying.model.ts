import * as bs from "backstep";

/** Three passes, and then what no program survives. */
const w = bs.tensor([1, 2, 3]).requiresGrad_();
for (let step = 0; step < 3; step++) {
  w.grad = null;
  w.mul(step + 1)
    .sum()
    .backward();
}
if (process.argv[2] === "throw") throw new Error("the data ran out");
if (process.argv[2] === "die") (process as unknown as { reallyExit(code: number): void }).reallyExit(3);
if (process.argv[2] === "wait") {
  console.log("waiting");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
