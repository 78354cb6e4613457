import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { recorderEnvironment } from "../../engine/recorders/pytorch/recorder-environment.ts";
import { pythons } from "./pythons.ts";

for (const python of pythons) {
  describe(`the numbers of the training log, under ${python}`, function () {
    this.timeout(120_000);

    it("are those of each tensor by itself, whatever its dtype and however much of it is finite", () => {
      const script = path.join(import.meta.dirname, "log", "measured.py");
      const printed = execFileSync(python, [script], { encoding: "utf8", env: recorderEnvironment(process.env) });
      assert.equal(printed.trim(), "measured 31");
    });
  });
}
