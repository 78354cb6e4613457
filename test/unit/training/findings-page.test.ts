import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { RULES } from "../../../engine/training/rules.ts";
import { findingsPage } from "../../../engine/training/findings-page.ts";

describe("the page of findings", () => {
  it("says what the rules say: write it anew with `node scripts/write-findings.ts`", async () => {
    const written = await readFile(new URL("../../../docs/findings.md", import.meta.url), "utf8");
    const words = (text: string): string[] => text.split(/\s+/u).filter((word) => word !== "");
    const plain = (text: string): string =>
      words(text)
        .join(" ")
        .replaceAll(/[\\*_]/gu, "");
    assert.equal(plain(written), plain(findingsPage()));
  });

  it("has a fault and its right twin for every rule but few", async () => {
    const { CERTAIN_FAULTS } = await import("../../faults/certain-faults.ts");
    const { COURSE_FAULTS } = await import("../../faults/course-faults.ts");
    const tried = new Set([...CERTAIN_FAULTS, ...COURSE_FAULTS].map(({ kind }) => kind));
    assert.deepEqual(
      [...new Set(RULES.map(({ name }) => name))].filter((name) => !tried.has(name)),
      ["unused-backward"],
    );
  });
});
