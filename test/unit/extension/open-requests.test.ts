import assert from "node:assert/strict";
import { createConnection } from "node:net";
import { openInEditor } from "../../../engine/command-line/mcp/editor-link.ts";
import { OpenRequests } from "../../../extension/assistant/open-requests.ts";
import type { OpenRequest } from "../../../engine/protocol/assistant.ts";

describe("requests of an assistant to show a node", () => {
  const shown: OpenRequest[] = [];
  const requests = new OpenRequests(async (request) => {
    if (request.node > 9) throw new Error("there is no such node");
    shown.push(request);
  });
  after(() => requests.dispose());
  const file = import.meta.filename;

  it("are answered when the node is shown, or with why it is not", async () => {
    const socket = await requests.listen();
    assert.equal(await requests.listen(), socket);
    await openInEditor(socket, { file, pass: 0, node: 3 });
    assert.deepEqual(shown, [{ file, pass: 0, node: 3 }]);
    await assert.rejects(openInEditor(socket, { file, pass: 0, node: 10 }), /no such node/u);
  });

  it("are refused when they are none", async () => {
    const socket = await requests.listen();
    await assert.rejects(openInEditor(socket, { file: "relative.ts", pass: 0, node: 0 }), /./u);
    await assert.rejects(openInEditor(socket, { file, pass: -1, node: 0 }), /./u);
    const connection = createConnection(socket);
    const closed = new Promise((resolve) => connection.on("error", () => undefined).once("close", resolve));
    connection.write("x".repeat(100_000));
    await closed;
    assert.equal(shown.length, 1);
  });
});
