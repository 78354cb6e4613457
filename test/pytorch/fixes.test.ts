import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { EngineProcess } from "../../engine/client/engine-process.ts";
import type { LaunchRequest } from "../../engine/protocol/engine.ts";
import { isAlarm, type Finding } from "../../engine/protocol/finding.ts";
import { editedTexts } from "../../extension/findings/edited-texts.ts";
import { GradientSession } from "../../extension/session/gradient-session.ts";
import { scriptOf } from "../programs.ts";
import { pythons } from "./pythons.ts";

const SCRIPT = `import torch
import torch.nn.functional as F
from torch import nn

import rate

torch.manual_seed(0)
net = nn.Linear(4, 3)
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
optimizer = torch.optim.SGD(net.parameters(), lr=rate.RATE)
for _ in range(6):
    loss = F.nll_loss(net(x), y)
    loss.backward()
    optimizer.step()
print("rate", optimizer.param_groups[0]["lr"])
`;
const MENDED = SCRIPT.replace("nll_loss", "cross_entropy").replace(
  "    loss.backward()\n",
  "    optimizer.zero_grad()\n    loss.backward()\n",
);

describe("The fix of a finding in a PyTorch script", function () {
  this.timeout(240_000);
  const [python] = pythons;
  let folder: string;
  let script: string;

  before(function () {
    if (python === undefined) this.skip();
    folder = mkdtempSync(path.join(tmpdir(), "backstep-fixes-"));
    script = path.join(folder, "train.py");
    writeFileSync(script, SCRIPT);
    writeFileSync(path.join(folder, "rate.py"), "RATE = 0.01\n");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function run(texts: NonNullable<LaunchRequest["texts"]>): Promise<readonly [readonly Finding[], string]> {
    const session = new GradientSession(script, new EngineProcess({ script: scriptOf("engine"), folder }));
    let found: readonly Finding[] = [];
    let output = "";
    session.findingsChanged.listen((all) => (found = all));
    session.output.listen(({ lines }) => (output += lines.map(({ text }) => text).join("")));
    const ended = new Promise<void>((resolve, reject) => {
      session.stateChanged.listen((state) => {
        if (state.kind !== "ended") return;
        if (state.failure) reject(new Error(state.failure.message));
        else resolve();
      });
    });
    const options = { args: [], threads: null, seed: null, deterministic: false, historyBytes: 0, findings: true };
    const interpreter = { interpreter: python!, module: false, cwd: folder };
    await session.launch({ program: script, stopOn: { kind: "none" }, python: interpreter, texts, ...options });
    await ended;
    await session.stop();
    return [found.filter(isAlarm), output];
  }

  it("is made of its text, and tried in memory: what was wrong is gone, and nothing is written", async () => {
    const [found] = await run([]);
    const edits = found.flatMap(({ fix }) => fix?.edits ?? []);
    const [edited] = await editedTexts(edits, () => Promise.resolve(SCRIPT));
    assert.equal(edited?.text, MENDED, JSON.stringify(found));
    // A module that is imported has another text as well, though it lies there compiled.
    const other = { file: path.join(folder, "rate.py"), text: "RATE = 0.02\n" };
    const [left, output] = await run([{ file: script, text: edited.text }, other]);
    assert.deepEqual(left, []);
    assert.match(output, /rate 0\.02/u);
    assert.equal(readFileSync(script, "utf8"), SCRIPT);
  });
});
