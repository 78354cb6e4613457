import assert from "node:assert/strict";
import { isBatchOfPictures, MOST_TILES, slicesOf } from "../../../webview/inspector/slices.ts";

describe("slices of a tensor", () => {
  it("come in the order of the axes that are not shown", () => {
    assert.deepEqual(slicesOf([2, 3, 5, 5], [2, 3]), {
      slices: [
        [0, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 2, 0, 0],
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [1, 2, 0, 0],
      ],
      total: 6,
    });
  });

  it("are one where all axes are shown, and counted where they are too many", () => {
    assert.equal(slicesOf([64, 10], [0, 1]).total, 1);
    const { slices, total } = slicesOf([64, 1, 28, 28], [2, 3]);
    assert.deepEqual([slices.length, total], [MOST_TILES, 64]);
  });

  it("are pictures where there is one for each sample", () => {
    assert.equal(isBatchOfPictures([64, 1, 28, 28], 64), true);
    assert.equal(isBatchOfPictures([64, 28, 28], 64), true);
    assert.equal(isBatchOfPictures([16, 1, 3, 3], 16), false);
    assert.equal(isBatchOfPictures([32, 1, 28, 28], 64), false);
  });
});
