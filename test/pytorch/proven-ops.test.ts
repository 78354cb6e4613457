import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythons } from "./pythons.ts";
import { scriptOf } from "../programs.ts";

const cli = scriptOf("command line");

interface Row {
  readonly op?: string;
  readonly name?: string;
  readonly verdict: string;
  readonly reason?: string;
}
interface Report {
  readonly passes: readonly { readonly ops: readonly Row[]; readonly params: readonly Row[] }[];
}

function check(...command: readonly string[]): Report {
  const out = execFileSync(process.execPath, [cli, "check", ...command, "--json"], {
    encoding: "utf8",
    maxBuffer: 1e9,
  });
  return JSON.parse(out) as Report;
}

const MLP = `import torch
model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
loss = torch.nn.functional.cross_entropy(model(torch.randn(5, 3)), torch.tensor([0, 1, 0, 1, 1]))
loss.backward()
`;

for (const python of pythons) {
  describe(`ops of PyTorch that the engine has records for, under ${python}`, function () {
    this.timeout(120_000);
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "backstep-proven-"));
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    it("prove themselves, and are compared in a recording when the script is gone", () => {
      const script = join(import.meta.dirname, "proven", "ops.py");
      const file = join(folder, "ops.backstep");
      execFileSync(process.execPath, [cli, "run", script, "--python", python, "--record", file], { stdio: "ignore" });
      const { ops } = check(file).passes[0]!;
      const others = ops.filter(({ verdict }) => verdict !== "pass");
      assert.deepEqual(
        others.map(({ op, reason }) => `${op}: ${reason}`),
        [],
      );
      assert.ok(ops.length > 200, `${ops.length} ops`);
    });

    it("let parameters be compared, in every mode", () => {
      const script = join(folder, "mlp.py");
      writeFileSync(script, MLP);
      const { params } = check(script, "--python", python).passes[0]!;
      assert.deepEqual(
        params.map(({ name, verdict }) => `${name} ${verdict}`),
        ["0.weight pass", "0.bias pass", "2.weight pass", "2.bias pass"],
      );
      const { ops } = check(script, "--python", python, "--mode", "second-order").passes[0]!;
      assert.deepEqual([...new Set(ops.map(({ verdict }) => verdict))], ["pass"]);
    });
  });
}
