import assert from "node:assert/strict";
import { operandNames } from "../../../engine/autograd/parameter-names.ts";

const isNumber = (arg: unknown): boolean => typeof arg === "number";

describe("the names of forward's arguments", () => {
  it("are those of its parameters that got tensors", () => {
    const functionClass = { forward: (_: unknown, x: number, eps = Math.max(1, 2), w = [1, 2].length) => x + eps + w };
    assert.deepEqual(operandNames(functionClass, [1, "option", 3], isNumber), ["x", "w"]);
  });

  it("count where a parameter takes the rest, or has no name", () => {
    const rest = { forward: (_: unknown, x: number, ...parts: number[]) => x + parts.length };
    assert.deepEqual(operandNames(rest, [1, 2, 3], isNumber), ["x", "parts[0]", "parts[1]"]);
    const pattern = { forward: (_: unknown, { length }: string, /* the weight, */ w: number) => length + w };
    assert.deepEqual(operandNames(pattern, [1, 2], isNumber), ["argument 0", "w"]);
  });
});
