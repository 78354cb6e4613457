import assert from "node:assert/strict";
import { printable } from "../../../engine/recording/printable.ts";
import { labelText, markdownText, plainText } from "../../../extension/text/surface-text.ts";

const LINK = "[x](command:workbench.action.quit) $(error) ![p](https://e/p.png) <b>&lt;";

describe("text of the program's on a surface", () => {
  it("makes no link, picture, icon or markup in Markdown, and no line of its own", () => {
    const text = markdownText(`${LINK}\n\n# head`);
    assert.doesNotMatch(text, /(?<!\\)[[\]<$!&#`*_]/u);
    assert.doesNotMatch(text, /\n/u);
  });

  it("makes no icon in a label, and is cut to what a line has room for", () => {
    assert.doesNotMatch(labelText(LINK), /\$\(/u);
    assert.ok(labelText("x".repeat(1e6)).length < 300);
  });

  it("gives a terminal no orders and turns no direction, and keeps its lines", () => {
    const text = "a\u001b[31mb\u202Ec\u0000\nd\te";
    assert.equal(printable(text), "a\\u001b[31mb\\u202ec\\u0000\nd\te");
    assert.equal(plainText(text), printable(text));
  });
});
