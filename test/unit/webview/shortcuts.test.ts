import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { SHORTCUTS } from "../../../webview/ui/shortcuts.ts";

describe("docs/keyboard.md", () => {
  it("lists every key that the panel's help lists", async () => {
    const text = await readFile(new URL("../../../docs/keyboard.md", import.meta.url), "utf8");
    for (const { where, list } of SHORTCUTS) {
      assert.ok(text.includes(`## ${where}`), where);
      for (const { does } of list) assert.ok(text.includes(` ${does} `), does);
    }
  });
});
