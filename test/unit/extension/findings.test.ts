import assert from "node:assert/strict";
import path from "node:path";
import { launchRequestOf, parseLaunchConfiguration } from "../../../extension/debug/launch-configuration.ts";
import { isSameText } from "../../../extension/findings/same-text.ts";

describe("findings in the editor", () => {
  it("are looked for where the setting says so", () => {
    const program = path.resolve("/models/train.ts");
    const findingsOf = (configuration: object): unknown =>
      launchRequestOf(parseLaunchConfiguration(configuration)).findings;
    assert.equal(findingsOf({ program, findings: true }), true);
    assert.equal(findingsOf({ program, findings: false }), undefined);
    assert.throws(() => findingsOf({ program, findings: "yes" }), /“findings” must be true or false/);
  });

  it("count as long as the editor shows the text that ran, however its lines end", () => {
    assert.equal(isSameText("\uFEFFconst a = 1;\r\nconst b = 2;\r\n", "const a = 1;\nconst b = 2;\n"), true);
    assert.equal(isSameText("const a = 1;\n", "const a = 2;\n"), false);
  });
});
