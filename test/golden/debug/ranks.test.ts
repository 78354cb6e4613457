import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { PassId } from "../../../engine/protocol/ids.ts";
import { pythons } from "../../pytorch/pythons.ts";
import { DebugClient } from "./debug-client.ts";

const SCRIPT = `import os
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

dist.init_process_group("gloo")
rank = dist.get_rank()
print("process", os.getpid())
torch.manual_seed(0)
net = DistributedDataParallel(nn.Linear(2, 1))
x = torch.full((4, 2), 1.0 + rank)
for step in range(2):
    net.zero_grad()
    loss = net(x).mean()
    loss.backward()
`;

describe("a debug session of a script on two ranks", function () {
  this.timeout(60_000);
  let client: DebugClient;

  before(function () {
    if (pythons.length === 0) this.skip();
  });
  beforeEach(() => {
    client = new DebugClient();
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.log(client.transcript);
    await client.close();
    assert.equal(client.engineIsAlive, false, "an engine process is left");
    for (const [, id] of client.transcript.matchAll(/process (\d+)/gu)) {
      assert.throws(() => process.kill(Number(id), 0), `process ${id} is left`);
    }
  });

  /** Waits until the ranks stand so. */
  async function threads(expected: RegExp[]): Promise<void> {
    for (;;) {
      const { threads } = await client.request<DebugProtocol.ThreadsResponse["body"]>("threads");
      const names = threads.map(({ name }) => name);
      if (names.length === expected.length && expected.every((pattern, i) => pattern.test(names[i]!))) return;
      await client.event("stopped");
    }
  }

  it("has a thread for each, shows the one whose frame is chosen, lets all go on, and ends all", async () => {
    const name = "two.py";
    writeFileSync(path.join(client.folder, name), SCRIPT);
    await client.launch(name, { python: pythons[0], torch: { ranks: 2 }, stopOn: "every" });
    await client.event("stopped");
    await threads([/^rank 0 {2}pass 1$/u, /^rank 1 {2}pass 1$/u]);

    const { stackFrames } = await client.request<DebugProtocol.StackTraceResponse["body"]>("stackTrace", {
      threadId: 2,
    });
    assert.deepEqual([stackFrames[0]?.name, stackFrames[0]?.line], ["top level", 16]);
    await client.request("scopes", { frameId: stackFrames[0]!.id });
    // That each rank has stopped in its pass may still be told: VS Code is to stay where it is then.
    let chosen: DebugProtocol.StoppedEvent["body"];
    do chosen = (await client.event("stopped")).body as DebugProtocol.StoppedEvent["body"];
    while (chosen.threadId !== 2 || chosen.preserveFocusHint === true);
    const evaluated = await client.request<{ result: string }>("evaluate", { expression: "rank + 10", frameId: 0 });
    assert.equal(evaluated.result, "11");

    const engine = client.adapter.session!.engine;
    const strip = await engine.rankStrip(0 as PassId);
    assert.deepEqual([strip?.shown, strip?.ranks.map(({ rank }) => rank)], [1, [0, 1]]);
    const { nodeCount } = await engine.graph(0 as PassId);
    for (const { gradient, wrong } of strip!.ranks) {
      assert.equal(gradient.length, nodeCount);
      // d loss / d loss, and of the bias the mean of ones.
      assert.deepEqual([...gradient].filter((norm) => norm === 1).length >= 2, true);
      assert.ok(wrong.every((flag) => flag === 0));
    }

    await client.step("continue");
    await threads([/^rank 0 {2}pass 2$/u, /^rank 1 {2}pass 2$/u]);
  });
});
