import assert from "node:assert/strict";
import { runtime } from "../../../engine/core/runtime.ts";
import "../../../engine/index.ts";
import { BYTES_PER_ELEMENT } from "../../../engine/protocol/dtype.ts";
import { HELD_AS, RECORDED_BYTES, type RecordedDType } from "../../../engine/protocol/recorded-dtype.ts";
import { decodeElements } from "../../../engine/reading/decode-elements.ts";
import { encodeElements } from "../../../engine/reading/encode-elements.ts";

describe("Elements of a recording", () => {
  const cases: readonly (readonly [RecordedDType, readonly number[]])[] = [
    ["bool", [0, 1]],
    ["uint8", [0, 255]],
    ["int8", [-128, 127]],
    ["int16", [-32768, 5]],
    ["int32", [-(2 ** 31), 3, 7]],
    ["int64", [-(2 ** 53), 2 ** 40]],
    ["float16", [0, -1.5, 2 ** -24, 65504, -Infinity, 0.333251953125]],
    ["bfloat16", [1.5, -(2 ** 100), 0]],
    ["float32", [Math.fround(0.1), -0]],
    ["float64", [0.1, Number.MIN_VALUE]],
  ];

  for (const [dtype, values] of cases) {
    it(`of ${dtype} are read as they were written, in as many bytes as it has`, () => {
      const bytes = encodeElements(values, dtype);
      assert.equal(bytes.byteLength, values.length * RECORDED_BYTES[dtype]);
      const held = HELD_AS[dtype]!;
      const offset = runtime.arena.allocate(values.length * BYTES_PER_ELEMENT[held]);
      decodeElements(runtime.memory, offset, bytes, dtype, values.length);
      const { u8, f32, f64 } = runtime.memory;
      const array = held === "bool" ? u8 : held === "float32" ? f32 : f64;
      const first = offset / BYTES_PER_ELEMENT[held];
      assert.deepEqual([...array.subarray(first, first + values.length)], [...values]);
    });
  }
});
