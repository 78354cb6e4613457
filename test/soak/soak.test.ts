import assert from "node:assert/strict";
import { runCycles } from "./cycles.ts";

describe("launching, stepping and stopping, twenty times", function () {
  this.timeout(180_000);

  it("leaves no process, no handle and no growing heap behind", async () => {
    const { processes, resources, heapGrowth } = await runCycles(20);
    assert.equal(processes, 0, "engine processes are left");
    assert.ok(resources <= 0, `${resources} handles are left`);
    assert.ok(heapGrowth < 8 * 2 ** 20, `the heap grew by ${heapGrowth} bytes`);
  });
});
