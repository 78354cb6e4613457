import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { pythons } from "./pythons.ts";
import { scriptOf } from "../programs.ts";

const CLI = scriptOf("command line");
const EXAMPLE = fileURLToPath(new URL("../../examples/pytorch/custom_function.py", import.meta.url));

for (const python of pythons) {
  describe(`backstep mcp with a PyTorch script, ${python}`, function () {
    this.timeout(120_000);
    const folder = mkdtempSync(path.join(tmpdir(), "backstep-mcp-python-"));
    const file = path.join(folder, "custom_function.py");
    const client = new Client({ name: "test", version: "1" });

    before(async () => {
      copyFileSync(EXAMPLE, file);
      const env = { ...process.env, PATH: `${path.dirname(python)}${path.delimiter}${process.env["PATH"] ?? ""}` };
      const args = [CLI, "mcp", folder];
      await client.connect(new StdioClientTransport({ command: process.execPath, args, env, stderr: "inherit" }));
    });
    after(async () => {
      await client.close();
      rmSync(folder, { recursive: true, force: true });
    });

    async function answer(name: string): Promise<Record<string, unknown>> {
      const { content } = await client.callTool({ name, arguments: { file } }, undefined, { timeout: 100_000 });
      return JSON.parse((content as { readonly text: string }[])[0]!.text) as Record<string, unknown>;
    }

    it("says which gradient is wrong, and for which input", async () => {
      const { summary, wrong } = await answer("check");
      assert.equal((summary as { readonly fail: number }).fail, 1);
      const [first] = (wrong as { readonly shown: { op: string; input: { name: string } }[] }).shown;
      assert.deepEqual([first?.op, first?.input.name], ["Swish", "x"]);
    });

    it("runs it, and looks for faults of its training", async () => {
      const { messages, findings } = await answer("diagnose");
      assert.match(String(messages), /step 0: loss/);
      assert.deepEqual((findings as { readonly shown: unknown[] }).shown, []);
    });
  });
}
