import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LaunchRequest } from "../../../engine/protocol/engine.ts";
import type { Finding, FixTrial } from "../../../engine/protocol/finding.ts";
import { FixTrials } from "../../../extension/findings/fix-trials.ts";
import { scriptOf } from "../../programs.ts";

const script = scriptOf("engine");
const PROGRAM = `import { F, nn, optim, randn, manualSeed } from "backstep";
manualSeed(1);
const x = randn([16, 4]);
const y = x.select(1, 0).gt(0).long();
const net = new nn.Sequential(new nn.Linear(4, 2), new nn.Softmax(1));
const opt = new optim.SGD(net.parameters(), { lr: 0.5 });
for (let i = 0; i < 6; i++) {
  opt.zeroGrad();
  F.crossEntropy(net.forward(x), y).backward();
  opt.step();
}
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

describe("trying a fix", function () {
  this.timeout(30_000);
  let folder: string;
  let program: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "backstep-trial-"));
    program = path.join(folder, "model.ts");
    await writeFile(program, PROGRAM);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function trialOf(text: string, without: readonly number[] | null): Promise<readonly FixTrial[]> {
    const trials = new FixTrials(script, "en", () => undefined);
    const told: FixTrial[] = [];
    trials.changed.listen(({ trial }) => trial && told.push(trial));
    const launch: LaunchRequest = {
      program,
      args: [],
      stopOn: { kind: "none" },
      threads: 0,
      historyBytes: 0,
      seed: null,
      deterministic: false,
      findings: true,
    };
    await trials.run({ program, finding: FINDING, launch, folder, env: {}, texts: [{ file: program, text }], without });
    assert.equal(await readFile(program, "utf8"), PROGRAM);
    return told;
  }

  it("runs the program with it and without it, and writes nothing", async () => {
    const told = await trialOf(PROGRAM.replace(", new nn.Softmax(1)", ""), null);
    const last = told.at(-1);
    assert.ok(last?.kind === "done", JSON.stringify(last));
    assert.equal(last.gone, true);
    assert.deepEqual(last.left, []);
    assert.deepEqual([last.with.length, last.without.length], [6, 6]);
    assert.ok(last.with[5]! < last.without[5]!, JSON.stringify(last));
    assert.deepEqual(
      [...new Set(told.map((one) => (one.kind === "running" ? one.part : one.kind)))],
      ["with", "without", "done"],
    );
  });

  it("shows the failure of a program that fails with it", async () => {
    const told = await trialOf(PROGRAM.replace("new nn.Softmax(1)", "new nn.Linear(3, 2)"), [1, 1]);
    const last = told.at(-1);
    assert.ok(last?.kind === "failed", JSON.stringify(last));
    assert.match(last.failure.message, /linear|inner sizes|shape|features/i);
  });
});
