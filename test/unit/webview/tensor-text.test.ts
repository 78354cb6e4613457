import assert from "node:assert/strict";
import { toCsv, toJson, toNumPy } from "../../../webview/inspector/tensor-text.ts";

describe("copied tensors", () => {
  const data = [1, -2.5, NaN, Infinity, 0.1, 3];

  it("are JSON that parses back", () => {
    assert.deepEqual(JSON.parse(toJson([2, 3], data, "float64")), [
      [1, -2.5, "NaN"],
      ["Infinity", 0.1, 3],
    ]);
    assert.equal(toJson([], [4], "float32"), "4");
    assert.deepEqual(JSON.parse(toJson([2, 0], [], "float32")), [[], []]);
  });

  it("are an expression NumPy reads", () => {
    assert.equal(toNumPy([2], [1, -Infinity], "float32"), "np.array([1, -np.inf], dtype=np.float32)");
    assert.equal(toNumPy([1, 2], [0, 1], "bool"), "np.array([[False, True]], dtype=np.bool_)");
    assert.equal(toNumPy([0, 3], [], "float32"), "np.empty((0, 3), dtype=np.float32)");
  });

  it("are CSV with a row a line", () => {
    assert.equal(toCsv(2, 3, data, "float64"), "1,-2.5,NaN\nInfinity,0.1,3\n");
  });
});
