import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

describe("launching, stepping and stopping, ten times", function () {
  this.timeout(180_000);

  it("leaves no process, no handle, no session and no growing heap behind", async () => {
    // In a process of its own: what other tests open and close in this one would be counted too.
    const soak = spawn(process.execPath, [path.join(import.meta.dirname, "main.ts"), "--cycles", "10", "--steps", "0"]);
    let report = "";
    soak.stdout.on("data", (data: Buffer) => (report += data.toString()));
    soak.stderr.on("data", (data: Buffer) => (report += data.toString()));
    const [status] = (await once(soak, "close")) as [number | null];
    assert.match(report, /10 cycles: 0 processes, (0|-\d+) resources, 0 sessions, 0 folders left, 0 failures/);
    assert.equal(status, 0, report);
  });
});
