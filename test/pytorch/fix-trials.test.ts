import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Finding, FixTrial, LossCourse } from "../../engine/protocol/finding.ts";
import { doneOf, PATIENT, tryText, type TriedText } from "../fix-trial.ts";
import { pythons } from "./pythons.ts";

/** More passes than are watched one and all: the losses of the others are in the log alone. */
const PASSES = 260;
const SCRIPT = `import os
import time
import torch
from torch import nn

torch.manual_seed(0)
open("pid", "w").write(str(os.getpid()))
net = nn.Linear(4, 2)
x, y = torch.randn(8, 4), torch.randint(0, 2, (8,))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(${PASSES}):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(x).softmax(1), y)
    loss.backward()
    optimizer.step()
`;
const FINDING: Finding = {
  rule: "softmax-into-cross-entropy",
  severity: "error",
  text: "",
  site: null,
  related: [],
  evidence: {},
  pass: null,
  step: null,
};
const BEFORE: LossCourse = { passes: 6, losses: [1, 1, 1, 1, 1, 1], notFiniteFrom: null, site: null, longestWait: 10 };

describe("Trying a fix of a PyTorch script", function () {
  this.timeout(240_000);
  const [python] = pythons;
  let folder: string;
  let program: string;

  before(function () {
    if (python === undefined) this.skip();
    folder = mkdtempSync(path.join(tmpdir(), "backstep-trials-"));
    program = path.join(folder, "train.py");
    writeFileSync(program, SCRIPT);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function trialOf(text: string, more: Partial<TriedText> = {}): Promise<Extract<FixTrial, { kind: "done" }>> {
    const request = { interpreter: python!, module: false, cwd: folder };
    const told = await tryText({ program, folder, finding: FINDING, text, python: request, ...more });
    assert.equal(readFileSync(program, "utf8"), SCRIPT);
    assert.equal(isAlive(Number(readFileSync(path.join(folder, "pid"), "utf8"))), false);
    return doneOf(told);
  }

  it("shows the loss of every pass of both runs", async () => {
    const last = await trialOf(SCRIPT.replace(".softmax(1)", ""));
    assert.deepEqual(last.end, { kind: "whole", gone: true, left: [] });
    assert.deepEqual([last.with.losses.length, last.without.losses.length], [PASSES, PASSES]);
    assert.ok(last.with.losses.at(-1)! < last.without.losses.at(-1)!);
  });

  it("says where the script fails with it, before any pass and after some", async () => {
    const first = await trialOf(SCRIPT.replace(".softmax(1)", ".softmx(1)"), { without: BEFORE });
    assert.ok(first.end.kind === "failed", JSON.stringify(first));
    assert.match(first.end.failure.message, /no attribute 'softmx'/u);
    assert.deepEqual([first.end.failure.site?.line, first.with.passes], [13, 0]);
    const later = await trialOf(SCRIPT.replace("optimizer.step()", "optimizer.step() if i < 3 else nothing"), {
      without: BEFORE,
    });
    assert.ok(later.end.kind === "failed", JSON.stringify(later));
    assert.deepEqual([later.end.failure.site?.line, later.with.losses.length], [15, 4]);
  });

  it("ends a script that does not come to its end, and says where it was", async () => {
    const endless = await trialOf(SCRIPT.replace(`range(${PASSES})`, "iter(int, 1)"), { without: BEFORE });
    assert.ok(endless.end.kind === "ended" && endless.end.by === "passes", JSON.stringify(endless.end));
    assert.ok([12, 13, 14, 15].includes(endless.end.site?.line ?? 0), JSON.stringify(endless.end));
    const text = SCRIPT.replace("optimizer.step()", "optimizer.step()\n    while i == 2: time.sleep(0.01)");
    const limits = { ...PATIENT, leastWait: 20_000 };
    const silent = await trialOf(text, { without: BEFORE, limits });
    assert.ok(silent.end.kind === "ended", JSON.stringify(silent.end));
    assert.deepEqual([silent.end.by, silent.end.site?.line, silent.with.losses.length], ["silence", 16, 3]);
  });

  it("ends a script that catches the interrupt", async () => {
    const text = SCRIPT.replace(
      "import os\n",
      "import os, signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n",
    ).replace("optimizer.step()", "optimizer.step()\n    while i == 2: time.sleep(0.01)");
    const limits = { ...PATIENT, leastWait: 20_000 };
    const { end } = await trialOf(text, { without: BEFORE, limits });
    assert.deepEqual(end, { kind: "ended", by: "silence", site: null });
  });

  it("says from which pass on the loss is not finite, and where that is", async () => {
    const text = SCRIPT.replace(", y)\n    loss.", ', y) * (1 if i < 2 else float("nan"))\n    loss.');
    const last = await trialOf(text, { without: BEFORE });
    assert.deepEqual([last.with.notFiniteFrom, last.with.site?.line], [2, 14]);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
