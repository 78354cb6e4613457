import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseCommandLine, type DiagnoseCommand } from "../../../engine/command-line/arguments.ts";
import { diagnoseFile, lookThrough } from "../../../engine/command-line/diagnose-file.ts";
import type { PassId } from "../../../engine/protocol/ids.ts";
import { openRecording } from "../../../engine/session/recording/file-source.ts";

const UPHILL = `import { nn, optim, randn, F, manualSeed } from "backstep";
manualSeed(1);
const x = randn([8, 2]), y = x.sum(1, true), net = new nn.Linear(2, 1);
const opt = new optim.SGD(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 12; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).neg().backward();
  opt.step();
}
`;

describe("diagnose --record", function () {
  this.timeout(30_000);

  it("saves the last passes and the training log beside what it finds", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "backstep-diagnose-"));
    try {
      const [file, out] = [path.join(folder, "uphill.ts"), path.join(folder, "uphill.backstep")];
      await writeFile(file, UPHILL);
      const command = parseCommandLine(["diagnose", file, "--json", "--record", out]) as DiagnoseCommand;
      assert.equal(await diagnoseFile(command), 1);
      const { recording, close } = await openRecording(out);
      try {
        assert.equal(recording.passes.filter(({ kept }) => kept).length, 10);
      } finally {
        close();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("diagnose", function () {
  this.timeout(30_000);

  it("calls no training right whose loss is not finite at its end, though no rule says why", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "backstep-diagnose-"));
    try {
      const file = path.join(folder, "starts-with-nan.ts");
      const leaf = `import { tensor } from "backstep";\nconst w = tensor([NaN, 1], { requiresGrad: true });\n`;
      await writeFile(file, `${leaf}w.mul(w).sum().backward();\n`);
      assert.equal(await diagnoseFile(parseCommandLine(["diagnose", file, "--json"]) as DiagnoseCommand), 1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("diagnose of runs of odd lengths", function () {
  this.timeout(60_000);

  async function diagnosed(text: string): Promise<{ readonly passes: number }> {
    const folder = await mkdtemp(path.join(tmpdir(), "backstep-diagnose-"));
    const written: string[] = [];
    const { write } = process.stdout;
    try {
      const file = path.join(folder, "odd.ts");
      await writeFile(file, text);
      process.stdout.write = (chunk: string | Uint8Array) => written.push(String(chunk)) > 0;
      await diagnoseFile(parseCommandLine(["diagnose", file, "--json"]) as DiagnoseCommand);
    } finally {
      process.stdout.write = write;
      await rm(folder, { recursive: true });
    }
    return JSON.parse(written.join("")) as Awaited<ReturnType<typeof diagnosed>>;
  }

  const head = `import { tensor } from "backstep";\nconst w = tensor([1], { requiresGrad: true });\n`;

  it("counts one pass, and those of a run without parameters", async () => {
    assert.equal((await diagnosed(`${head}w.mul(w).sum().backward();\n`)).passes, 1);
    assert.equal((await diagnosed(`import { zeros } from "backstep";\nzeros([2]).sum().item();\n`)).passes, 0);
  });

  it("counts more passes than are told at once, and finds where the last losses stop being finite", async () => {
    const loop = "for (let i = 0; i < 20_000; i++) {\n  w.grad = null;\n  w.mul(2).sum().backward();\n}\n";
    assert.equal((await diagnosed(head + loop)).passes, 20_000);
    const told = Array.from({ length: 20_000 }, (_, pass) => ({
      ...{ pass: pass as PassId, kind: "backward" as const, nodeCount: 2, site: null, kept: false },
      loss: pass === 3 || pass > 17_000 ? Number.NaN : 2,
    }));
    let [asked, most] = [0, 0];
    const passes = async (from = 0, count = Infinity): Promise<typeof told> => {
      asked++;
      most = Math.max(most, count);
      return told.slice(from, from + count);
    };
    assert.deepEqual(await lookThrough({ passes }), { passes: 20_000, lost: 17_001 });
    assert.ok(asked > 1 && most < told.length, `${asked} ${most}`);
  });
});

it("check does not record over the file that it checks", () => {
  const file = path.join(import.meta.dirname, "nested.model.ts");
  assert.throws(() => parseCommandLine(["check", file, "--record", file]), /--record would write over/u);
});
