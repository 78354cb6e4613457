import assert from "node:assert/strict";
import { chooseElements } from "../../../engine/check/replay/elements.ts";
import { randn } from "../../../engine/index.ts";
import { readElements } from "../../../engine/core/elements.ts";

describe("the choice of elements to compare", () => {
  it("ends with as many as are wanted, each once, for any size", () => {
    for (const most of [4, 17, 48, 64]) {
      for (let count = 0; count < 200; count++) {
        const chosen = chooseElements(readElements(randn([count])), most);
        assert.equal(chosen.length, Math.min(count, most), `${count} elements, at most ${most}`);
        assert.equal(new Set(chosen).size, chosen.length);
        assert.ok(chosen.every((element) => element >= 0 && element < count));
      }
    }
  });
});
