import assert from "node:assert/strict";
import { notificationText } from "../../../extension/text/notification-text.ts";

describe("what a notification says", () => {
  it("has no links, whatever the file that it speaks of is called", () => {
    const text = notificationText("cannot find [a](command:workbench.action.quit).ts; see [b](https://example.org)");
    assert.doesNotMatch(text, /\[[^\]]*\]\([^)]*\)/u);
    assert.equal(
      text.replaceAll("\u2060", ""),
      "cannot find [a](command:workbench.action.quit).ts; see [b](https://example.org)",
    );
  });
});
