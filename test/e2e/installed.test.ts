import assert from "node:assert/strict";
import { openWindow } from "./vs-code.ts";

describe("The packaged extension", () => {
  it("is installed and enabled in VS Code", async () => {
    const window = await openWindow();
    await window.command("Extensions: Focus on Extensions View");
    const row = window.page.locator(".extensions-viewlet .monaco-list-row", { hasText: "Backstep" }).first();
    await row.waitFor({ timeout: 20_000 });
    assert.doesNotMatch(await row.innerText(), /disabled|reload|error/i);
    await window.screenshot("installed");
  });
});
