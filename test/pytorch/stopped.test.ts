import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { watch } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scriptOf } from "../programs.ts";
import { pythons } from "./pythons.ts";

const training = (ending: string): string => `import time, torch
w = torch.ones(3, requires_grad=True)
def step():
    w.grad = None
    (w * w).sum().backward()
for _ in range(3):
    step()
print("three", flush=True)
${ending}
`;

const ENDINGS = {
  "goes from pass to pass": "while True:\n    step()\n    time.sleep(0.02)",
  "makes no more passes": "time.sleep(600)",
};

for (const python of pythons) {
  describe(`a PyTorch script that somebody stops, under ${python}`, function () {
    this.timeout(120_000);
    const cli = scriptOf("command line");
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "backstep-stopped-"));
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    for (const [what, ending] of Object.entries(ENDINGS)) {
      it(`is saved where it ${what}`, async () => {
        const [program, file] = [join(folder, "train.py"), join(folder, "run.backstep")];
        rmSync(file, { force: true });
        writeFileSync(program, training(ending));
        const args = [cli, "run", program, "--python", python, "--record", file, "--keep", "2"];
        const running = spawn(process.execPath, args, { detached: true });
        await once(running.stdout, "data");
        const changes = watch(folder);
        // As a terminal does: all processes of the command get it, but not the script, which has a group of its own.
        process.kill(-running.pid!, "SIGINT");
        for await (const { filename } of changes) if (filename === "run.backstep") break;
        const { stdout } = spawnSync(process.execPath, [cli, "show", file, "--json"], { encoding: "utf8" });
        const shown = JSON.parse(stdout) as { passes: { kept: boolean; leaves: { norm: number }[] }[] };
        const kept = shown.passes.filter((pass) => pass.kept);
        assert.equal(kept.length, 2);
        // d(Σ w²)/dw is 2 for each of three elements.
        for (const { leaves } of kept) assert.ok(Math.abs(leaves[0]!.norm - 2 * Math.sqrt(3)) < 1e-6);
      });
    }
  });
}
