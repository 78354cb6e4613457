import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { pythons } from "../../pytorch/pythons.ts";
import { assertGolden, DebugClient } from "./debug-client.ts";

const MLP = `import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
x = torch.ones(4, 2)
for step in range(2):
    model.zero_grad()
    loss = model(x).mean()
    loss.backward()
`;

const LSTM = `import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 3, batch_first=True)
        self.head = nn.Linear(3, 2)

    def forward(self, x):
        hidden, _ = self.lstm(x)
        return self.head(hidden)


torch.manual_seed(0)
scores = Tagger()(torch.ones(1, 4, 2))
loss = scores.square().sum()
loss.backward()
`;

const FUNCTION = `import torch


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * 3 * x**2


x = torch.tensor([1.0, 2.0], requires_grad=True)
y = Cube.apply(x)
loss = y.sum()
loss.backward()
`;

/** As the Debug Adapter Protocol's sessions over model files are: with the Python that the transcripts were written under. */
describe("debug sessions of PyTorch scripts", function () {
  this.timeout(60_000);
  let client: DebugClient;

  beforeEach(function () {
    if (pythons[0] !== "/usr/bin/python3") this.skip();
    client = new DebugClient();
  });
  afterEach(async function () {
    if (this.currentTest?.isPending()) return;
    if (this.currentTest?.state === "failed") console.log(client.transcript);
    await client.close();
    assert.equal(client.engineIsAlive, false, "an engine process is left");
  });

  async function launch(name: string, source: string, before?: () => Promise<unknown>): Promise<void> {
    writeFileSync(path.join(client.folder, name), source);
    await client.launch(name, { python: pythons[0], historyMemory: 16 }, before);
    await client.event("stopped");
  }

  it("step a network both ways, on to the next pass, to the end, and back into the pass before", async () => {
    await launch("mlp.py", MLP);
    await client.stack();
    await client.step("next");
    await client.step("stepOut");
    await client.stack();
    await client.step("stepBack");
    await client.stack();
    await client.step("continue");
    await client.stack();
    await client.step("continue");
    await client.step("reverseContinue");
    await client.step("reverseContinue");
    await client.step("stepBack");
    await client.stack();
    assertGolden("python-mlp", client.transcript);
  });

  it("stop at a line of a recurrent network, and step through its fused op", async () => {
    const lines = { source: { path: path.join(client.folder, "lstm.py") }, breakpoints: [{ line: 12 }] };
    await launch("lstm.py", LSTM, () => client.request("setBreakpoints", lines));
    await client.event("breakpoint");
    await client.step("continue");
    await client.stack();
    await client.step("next");
    await client.stack();
    assertGolden("python-lstm", client.transcript);
  });

  it("name a custom Function, and evaluate in the frame that called backward()", async () => {
    await launch("function.py", FUNCTION);
    await client.step("next");
    await client.stack();
    await client.request("evaluate", { expression: "x.grad.tolist()", frameId: 0, context: "repl" });
    assertGolden("python-function", client.transcript);
  });
});
