import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Finding, FixTrial, LossCourse } from "../../../engine/protocol/finding.ts";
import type { Site } from "../../../engine/protocol/site.ts";
import { uneditedPlace } from "../../../extension/findings/unedited-place.ts";
import { doneOf, PATIENT, tryText, type TriedText } from "../../fix-trial.ts";

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
/** Six passes of the run without the fix. */
const SIX: LossCourse = { passes: 6, losses: [1, 1, 1, 1, 1, 1], notFiniteFrom: null, site: null, longestWait: 10 };

describe("trying a fix", function () {
  this.timeout(90_000);
  let folder: string;
  let program: string;
  let anywhere: Site;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "backstep-trial-"));
    program = path.join(folder, "model.ts");
    anywhere = { file: program, line: 1, column: 1, endLine: 1, endColumn: 1 };
    await writeFile(program, PROGRAM);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function trialOf(text: string, more: Partial<TriedText> = {}): Promise<readonly FixTrial[]> {
    const told = await tryText({ program, folder, finding: FINDING, text, ...more });
    assert.equal(await readFile(program, "utf8"), PROGRAM);
    return told;
  }

  it("runs the program with it and without it, and writes nothing", async () => {
    const told = await trialOf(PROGRAM.replace(", new nn.Softmax(1)", ""));
    const last = doneOf(told);
    assert.deepEqual(last.end, { kind: "whole", gone: true, left: [] });
    assert.deepEqual([last.with.losses.length, last.without.losses.length], [6, 6]);
    assert.ok(last.with.losses[5]! < last.without.losses[5]!, JSON.stringify(last));
    assert.deepEqual(
      [...new Set(told.map((one) => (one.kind === "running" ? one.part : one.kind)))],
      ["with", "without", "done"],
    );
  });

  it("says where the program fails with it, and shows what it did without it", async () => {
    const last = doneOf(await trialOf(PROGRAM.replace("new nn.Softmax(1)", "new nn.Linear(3, 2)")));
    assert.ok(last.end.kind === "failed", JSON.stringify(last));
    assert.match(last.end.failure.message, /linear|inner sizes|shape|features/i);
    assert.equal(last.end.failure.site?.line, 9);
    assert.deepEqual([last.with.passes, last.without.passes], [0, 6]);
  });

  it("shows both courses as far as they go where the program throws after some passes, or does not parse", async () => {
    const last = doneOf(
      await trialOf(PROGRAM.replace("opt.step();", 'if (i === 3) throw new Error("no"); opt.step();')),
    );
    assert.ok(last.end.kind === "failed", JSON.stringify(last));
    assert.deepEqual([last.end.failure.site?.line, last.with.losses.length, last.without.losses.length], [10, 4, 6]);
    const odd = doneOf(await trialOf(PROGRAM.replace("opt.step();", "opt.step(;")));
    assert.ok(odd.end.kind === "failed" && odd.end.failure.kind === "syntax", JSON.stringify(odd));
    assert.equal(odd.end.failure.site?.line, 10);
  });

  it("tells lines of the file as it is, where the fix takes some out", async () => {
    const finding = {
      ...FINDING,
      fix: { text: "", edits: [{ site: { ...anywhere, line: 2, endLine: 3 }, text: "" }] },
    };
    const text = PROGRAM.replace("manualSeed(1);\n", "").replace("opt.step();", 'throw new Error("no");');
    const last = doneOf(await trialOf(text, { without: SIX, finding }));
    assert.equal(last.end.kind === "failed" && last.end.failure.site?.line, 10);
    const added = [{ site: { ...anywhere, line: 4, endLine: 4 }, text: "a;\nb;\n" }];
    const lineOf = (line: number): number => uneditedPlace({ ...anywhere, line, endLine: line }, added).line;
    assert.deepEqual([3, 4, 6, 9].map(lineOf), [3, 4, 4, 7]);
  });

  it("ends a program that makes ever more passes, and says where it was", async () => {
    const last = doneOf(await trialOf(PROGRAM.replace("i < 6", "i < Infinity"), { without: SIX }));
    assert.ok(last.end.kind === "ended", JSON.stringify(last.end));
    assert.deepEqual([last.end.by, last.end.site?.file], ["passes", program]);
    assert.ok([8, 9, 10].includes(last.end.site?.line ?? 0), JSON.stringify(last.end));
    assert.ok(last.with.passes > 18);
  });

  it("ends a program in which no pass ends any more, and says where it was", async () => {
    const limits = { ...PATIENT, leastWait: 3_000 };
    const text = PROGRAM.replace("opt.step();", "opt.step();\n  while (i === 2);");
    const last = doneOf(await trialOf(text, { without: SIX, limits }));
    assert.ok(last.end.kind === "ended", JSON.stringify(last.end));
    assert.deepEqual([last.end.by, last.end.site?.line, last.with.losses.length], ["silence", 11, 3]);
  });

  it("shows what there is when somebody ends it", async () => {
    const text = PROGRAM.replace("i < 6", "i < Infinity");
    const follow: TriedText["follow"] = (trial, trials) => {
      if (trial.kind === "running" && trial.passes > 0) trials.stop();
    };
    const last = doneOf(await trialOf(text, { follow }));
    assert.ok(last.end.kind === "ended" && last.end.by === "person", JSON.stringify(last.end));
    assert.equal(last.end.site?.file, program);
    assert.equal(last.without.passes, 0);
  });

  it("says from which pass on the loss is not finite, and where that is", async () => {
    const text = PROGRAM.replace("net.forward(x), y)", "net.forward(x), y).mul(i < 2 ? 1 : NaN)");
    const last = doneOf(await trialOf(text, { without: SIX }));
    assert.equal(last.end.kind, "whole");
    assert.deepEqual([last.with.notFiniteFrom, last.with.site?.line, last.with.losses.length], [2, 9, 6]);
    assert.equal(last.without.notFiniteFrom, null);
  });

  it("claims nothing of a program that has no pass any more", async () => {
    const last = doneOf(await trialOf(PROGRAM.replace("i < 6", "i < 0"), { without: SIX }));
    assert.equal(last.with.passes, 0);
  });
});
