import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findInterpreter } from "../../../engine/recorders/pytorch/interpreter.ts";

describe("the Python of a script", () => {
  it("is looked for further on where a folder of the PATH may not be read", () => {
    const root = mkdtempSync(path.join(tmpdir(), "backstep-interpreter-"));
    const before = process.env["PATH"];
    try {
      symlinkSync("loop", path.join(root, "loop"));
      mkdirSync(path.join(root, "bin"));
      writeFileSync(path.join(root, "bin", "python-of-test"), "");
      process.env["PATH"] = [path.join(root, "loop"), path.join(root, "bin")].join(path.delimiter);
      const { executable } = findInterpreter("python-of-test", root);
      assert.equal(executable, path.join(root, "bin", "python-of-test"));
    } finally {
      process.env["PATH"] = before;
      rmSync(root, { recursive: true });
    }
  });
});
