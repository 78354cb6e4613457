import v8 from "node:v8";
import vm from "node:vm";
import { tensor } from "backstep";

v8.setFlagsFromString("--expose-gc");
const collect = vm.runInNewContext("gc") as () => void;

/** Bytes in use that no collection takes away. */
function held(): number {
  collect();
  return v8.getHeapStatistics().used_heap_size;
}

console.log("the first");
const before = held();
for (let line = 0; line < 20_000; line++) {
  console.log("x");
  console.error("x");
}
const each = (held() - before) / 40_000;

let called = 0;
process.stdout.write("x", () => called++);
process.stdout.write("x", () => called++);
await new Promise((resolve) => setImmediate(resolve));
console.log(`each line holds ${each.toFixed(0)} bytes, ${called} called back`);

const w = tensor([1, 2], { requiresGrad: true });
w.mul(w).sum().backward();
