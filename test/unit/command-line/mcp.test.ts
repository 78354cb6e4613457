import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { EDITOR_VARIABLE } from "../../../engine/protocol/assistant.ts";
import { scriptOf } from "../../programs.ts";

const CLI = scriptOf("command line");
const expression = fileURLToPath(new URL("../../golden/stepping/expression.model.ts", import.meta.url));

/** The gradient that its backward returns has the wrong sign. */
const WRONG = `import { autograd, tensor } from "backstep";
class Square extends autograd.Function {
  static forward(ctx, x) { ctx.saveForBackward(x); return x.mul(x); }
  static backward(ctx, grad) { const [x] = ctx.savedTensors; return grad.mul(x).mul(-2); }
}
const x = tensor([3], { requiresGrad: true });
console.log("about to square");
Square.apply(x).sum().backward();
`;

describe("backstep mcp", function () {
  this.timeout(60_000);
  let folder: string;
  let client: Client;
  const opened: unknown[] = [];
  const editor = createServer((socket) => {
    socket.setEncoding("utf8").once("data", (line: string) => {
      const request = JSON.parse(line);
      opened.push(request);
      socket.end(request.node === 99 ? "there is no node 99" : "");
    });
  });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "backstep-mcp-"));
    copyFileSync(expression, join(folder, "expression.ts"));
    writeFileSync(join(folder, "wrong.js"), WRONG);
    writeFileSync(join(folder, "endless.js"), "for (;;);");
    symlinkSync(expression, join(folder, "outside.ts"));
    const socket = process.platform === "win32" ? `\\\\.\\pipe\\backstep-test-${process.pid}` : join(folder, "editor");
    editor.listen(socket);
    await once(editor, "listening");
    client = new Client({ name: "test", version: "1" });
    const env = { ...(process.env as Record<string, string>), [EDITOR_VARIABLE]: socket };
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [CLI, "mcp", folder], env, stderr: "inherit" }),
    );
  });
  after(async () => {
    await client.close();
    editor.close();
    rmSync(folder, { recursive: true });
  });

  const call = async (name: string, args: Record<string, unknown>): Promise<{ text: string; isError: boolean }> => {
    const { content, isError } = await client.callTool({ name, arguments: args });
    return { text: (content as { text: string }[])[0]!.text, isError: isError === true };
  };
  const json = async (name: string, args: Record<string, unknown>) => {
    const { text, isError } = await call(name, args);
    assert.ok(!isError, text);
    return JSON.parse(text);
  };

  it("offers its tools, all of which only read", async () => {
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      [
        ...["run", "check", "diagnose", "list_passes", "find_nodes", "read_node", "explain_element", "what_if"],
        "open_at_node",
      ],
    );
    assert.ok(tools.every(({ annotations }) => annotations?.readOnlyHint === true));
  });

  it("runs a file, and says what it printed", async () => {
    const { passes, output } = await json("run", { file: "wrong.js" });
    assert.equal(passes.shown.length, 1);
    assert.equal(passes.shown[0].loss, 9);
    assert.equal(output, "about to square");
  });

  it("says which gradient is wrong, where, and what to write instead", async () => {
    const { summary, wrong } = await json("check", { file: "wrong.js" });
    assert.ok(summary.fail > 0);
    const [first] = wrong.shown;
    assert.equal(first.op, "Square");
    // d(x²)/dx = 2x, and the Function says −2x.
    assert.ok(Math.abs(first.analytic / first.numeric + 1) < 1e-4);
    assert.equal(first.cause.kind, "sign");
    assert.equal(first.cause.backward.line, 4);
  });

  it("diagnoses a file", async () => {
    assert.deepEqual((await json("diagnose", { file: "expression.ts" })).findings.shown, []);
  });

  it("lists passes, finds nodes, and reads one with its neighbours", async () => {
    const { passes } = await json("list_passes", { file: "expression.ts" });
    assert.deepEqual(
      passes.map(({ pass, nodes }: { pass: number; nodes: number }) => [pass, nodes]),
      [[0, 5]],
    );
    // e = a b, d = e + a, loss = d², at a = 2, b = −3; nodes 0 a, 1 b, 2 e, 3 d, 4 loss.
    const { nodes } = await json("find_nodes", { file: "expression.ts", text: "mul" });
    assert.equal(nodes[0].node, 2);
    assert.match(nodes[0].site, /^expression\.ts:\d+:\d+$/u);
    const node = await json("read_node", { file: "expression.ts", node: 0 });
    // d = −4: ∂ loss / ∂ a = 2 d (b + 1) = 16, of which 2 d b = 24 through e, and 2 d = −8 directly.
    assert.deepEqual(node.gradient.elements, [16]);
    assert.deepEqual(
      node.contributions.shown
        .map((one: { contribution: { elements: number[] } }) => one.contribution.elements[0]!)
        .sort((a: number, b: number) => a - b),
      [-8, 24],
    );
  });

  it("explains an element, and says what another value would change", async () => {
    const { gradient, terms } = await json("explain_element", { file: "expression.ts", node: 0, index: [] });
    assert.equal(gradient, 16);
    assert.equal(
      terms.reduce((sum: number, { product }: { product: number }) => sum + product, 0),
      16,
    );
    // Of a custom Function the sum is known: no number stands where there is none.
    const { terms: whole } = await json("explain_element", { file: "wrong.js", node: 0, index: [0] });
    assert.equal(whole.length, 1);
    assert.equal(whole[0].product, -6);
    assert.match(whole[0].note, /not known/u);
    assert.equal("upstream" in whole[0], false);

    const edits = [{ node: 1, index: [], value: 2 }];
    const { loss, changed } = await json("what_if", { file: "expression.ts", edits });
    // b = 2: d = 2 · 2 + 2 = 6.
    assert.deepEqual(loss, { before: 16, after: 36 });
    assert.ok(changed.shown.length > 0);
  });

  it("reads a recording, also after it was checked", async () => {
    const recording = join(folder, "run.backstep");
    execFileSync(process.execPath, [CLI, "check", join(folder, "expression.ts"), "--record", recording], {
      stdio: "ignore",
    });
    assert.equal((await json("run", { file: "run.backstep" })).passes.shown[0].loss, 16);
    assert.equal((await json("list_passes", { file: "run.backstep" })).count, 1);
    const node = await json("read_node", { file: "run.backstep", node: 2 });
    assert.equal(node.verdict.verdict, "pass");
  });

  it("opens a node in the editor that started it, and passes on why it cannot", async () => {
    await json("open_at_node", { file: "expression.ts", pass: 0, node: 2 });
    assert.deepEqual(opened.at(-1), { file: join(folder, "expression.ts"), pass: 0, node: 2 });
    assert.match((await call("open_at_node", { file: "expression.ts", pass: 0, node: 99 })).text, /no node 99/u);
  });

  it("refuses files elsewhere, other files, nodes and passes that are not there", async () => {
    const refused = async (name: string, args: Record<string, unknown>, why: RegExp): Promise<void> => {
      const { text, isError } = await call(name, args);
      assert.ok(isError);
      assert.match(text, why);
    };
    await refused("run", { file: expression }, /there is no file/u);
    await refused("run", { file: "outside.ts" }, /there is no file/u);
    await refused("run", { file: "../expression.ts" }, /there is no file/u);
    await refused("read_node", { file: "/etc/passwd", node: 0 }, /neither a model file/u);
    await refused("read_node", { file: "expression.ts", node: 5 }, /nodes 0 to 4, and no 5/u);
    await refused("read_node", { file: "expression.ts", pass: 7, node: 0 }, /no pass 7/u);
    await refused(
      "what_if",
      { file: "expression.ts", edits: [{ node: 1, index: [0], value: 1 }] },
      /no element \[0\]/u,
    );
    await refused("check", { file: "expression.ts", seconds: 0 }, /seconds/u);
  });

  it("ends what takes too long, and writes no file", async () => {
    const { text, isError } = await call("run", { file: "endless.js", seconds: 1 });
    assert.ok(isError);
    assert.match(text, /ended after 1 s/u);
    assert.ok((await call("list_passes", { file: "endless.js", seconds: 1 })).isError);
    const files = readdirSync(folder).filter((name) => name !== "editor");
    assert.deepEqual(files.sort(), ["endless.js", "expression.ts", "outside.ts", "run.backstep", "wrong.js"]);
  });
});
