import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { backstep } from "./recorded-program.ts";

const program = path.join(import.meta.dirname, "programs", "dense.js");

it("A training with TensorFlow.js has its log, in which a first step is the rate times the gradient", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(path.join(tmpdir(), "backstep-tfjs-"));
  try {
    const file = path.join(folder, "log.csv");
    const { status, stderr } = backstep("run", program, "--log", file);
    assert.equal(status, 0, stderr);
    const [names, ...rows] = readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(","));
    assert.equal(rows.length, 3);
    const at = (name: string, step: number): number => Number(rows[step]![names!.indexOf(name)]);
    for (const parameter of ["w1", "b1", "w2"]) {
      const expected = 0.1 * at(`gradient/${parameter}`, 0);
      assert.ok(Math.abs(at(`update/${parameter}`, 1) - expected) <= 1e-5 * expected, parameter);
    }
    assert.ok(at("loss/loss line 12", 2) < at("loss/loss line 12", 0));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
