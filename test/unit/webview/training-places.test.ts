import assert from "node:assert/strict";
import type { LogColumn, LogReading } from "../../../engine/protocol/training-log.ts";
import { loggedPasses, losses, pointed, stretch, zoomAt } from "../../../webview/state/training.ts";
import { bucketOfPass, firstNotFiniteBucket } from "../../../webview/training/pass-places.ts";

/** What is read of passes [from, to) of so many, a number of them in each bucket. */
function readingOf(from: number, to: number, passes: number, width = 1): LogReading {
  const starts = Array.from({ length: Math.ceil((to - from) / width) }, (_, i) => from + i * width);
  return {
    passes,
    rows: [],
    starts: Float64Array.of(...starts, to),
    firstPasses: Float64Array.from(starts),
    columns: [],
  };
}

const columnOf = (...firstNotFinite: number[]): LogColumn => ({
  row: 0,
  quantity: "loss",
  ...{ min: new Float64Array(2), max: new Float64Array(2), mean: new Float64Array(2), count: new Uint32Array(2) },
  firstNotFinite: Float64Array.from(firstNotFinite),
});

describe("marks over the training's passes", () => {
  it("stand at the bucket that holds their pass", () => {
    const reading = readingOf(0, 100, 100, 10);
    assert.deepEqual(
      [0, 9, 10, 99].map((pass) => bucketOfPass(reading, pass)),
      [0, 0, 1, 9],
    );
  });

  it("are left out where their pass is before or after what is zoomed to", () => {
    const reading = readingOf(20, 45, 100, 10);
    assert.deepEqual(
      [19, 20, 44, 45, 99].map((pass) => bucketOfPass(reading, pass)),
      [-1, 0, 2, -1, -1],
    );
  });

  it("stand at the last bucket for a pass that has not ended when all were read", () => {
    assert.equal(bucketOfPass(readingOf(0, 100, 100, 10), 100), 9);
  });

  it("show the first number of any row that is not finite", () => {
    const reading = readingOf(0, 20, 20, 10);
    assert.equal(firstNotFiniteBucket(reading, [columnOf(-1, 15), columnOf(-1, 12)]), 1);
    assert.equal(firstNotFiniteBucket(reading, [columnOf(-1, -1), columnOf(3, 10)]), 0);
    assert.equal(firstNotFiniteBucket(reading, [columnOf(-1, -1)]), -1);
  });
});

describe("zooming the training by keys", () => {
  const PASSES = 1000;

  /** As the view reads it: at most 480 buckets. */
  function read(): void {
    const [from, to] = stretch.value ?? [0, PASSES];
    losses.value = readingOf(from, to, PASSES, Math.ceil((to - from) / 480));
  }
  const pointedPass = (): number => losses.value?.firstPasses[pointed.value] ?? NaN;
  const zoom = (factor: number): void => {
    zoomAt(pointed.value < 0 ? (losses.value!.starts.length - 1) >> 1 : pointed.value, factor);
    read();
  };
  const point = (pass: number): void => {
    pointed.value = bucketOfPass(losses.value!, pass);
  };

  beforeEach(() => {
    loggedPasses.value = PASSES;
    stretch.value = null;
    pointed.value = -1;
    read();
  });
  after(() => {
    [loggedPasses.value, losses.value, stretch.value, pointed.value] = [0, null, null, -1];
  });

  for (const pass of [0, 6, 499, 998]) {
    it(`keeps pass ${pass} under the line, however often it is asked to show less`, () => {
      point(pass);
      const wanted = pointedPass();
      for (let i = 0; i < 12; i++) {
        zoom(0.5);
        const [from, to] = stretch.value!;
        assert.ok(from >= 0 && to <= PASSES && to - from >= 2, `${from} to ${to}`);
        assert.ok(Math.abs(pointedPass() - wanted) <= 1, `${pointedPass()} for ${wanted}`);
      }
      assert.equal(stretch.value![1] - stretch.value![0], 2);
    });
  }

  it("shows the middle where nothing is pointed at, and then all passes again", () => {
    zoom(0.5);
    const [from, to] = stretch.value!;
    assert.equal(to - from, PASSES / 2);
    assert.ok(Math.abs((from + to) / 2 - PASSES / 2) <= 3, `${from} to ${to}`);
    assert.equal(pointed.value, -1);
    zoom(2);
    assert.equal(stretch.value, null);
  });

  it("stays within a run of two passes, of one, and of none", () => {
    for (const passes of [2, 1, 0]) {
      loggedPasses.value = passes;
      losses.value = readingOf(0, passes, passes);
      zoomAt(0, 0.5);
      assert.equal(stretch.value, null);
    }
  });
});
