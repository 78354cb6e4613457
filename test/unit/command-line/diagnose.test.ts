import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseCommandLine, type DiagnoseCommand } from "../../../engine/command-line/arguments.ts";
import { diagnoseFile } from "../../../engine/command-line/diagnose-file.ts";
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

it("check does not record over the file that it checks", () => {
  const file = path.join(import.meta.dirname, "nested.model.ts");
  assert.throws(() => parseCommandLine(["check", file, "--record", file]), /--record would write over/u);
});
