import assert from "node:assert/strict";
import type { NodeId, PassId } from "../../../engine/protocol/ids.ts";
import type { ScalarFlow, ScalarGraph, ScalarTensor } from "../../../engine/protocol/scalars.ts";
import { factorText } from "../../../webview/lens/factor.ts";
import { layOutScalars, NARROW, WIDE } from "../../../webview/lens/scalar-layout.ts";
import { elementName, elementSteps, gradientsWithin, termsOf } from "../../../webview/lens/scalar-steps.ts";

function tensor(node: number, label: string, data: number[], more: Partial<ScalarTensor> = {}): ScalarTensor {
  return {
    node: node as NodeId,
    op: more.isOp ? "mul" : "parameter",
    label,
    shape: data.length === 1 ? [] : [data.length],
    isOp: false,
    requiresGrad: true,
    gradientState: "waits",
    data: Float64Array.from(data),
    gradient: null,
    formula: null,
    ...more,
  };
}

function flow(
  input: number,
  consumer: number,
  position: number,
  pairs: readonly [number, number, number][],
): ScalarFlow {
  return {
    edge: 0,
    position,
    input: input as NodeId,
    consumer: consumer as NodeId,
    from: Uint32Array.from(pairs, ([from]) => from),
    to: Uint32Array.from(pairs, ([, to]) => to),
    local: Float64Array.from(pairs, ([, , local]) => local),
  };
}

/** e = a b at a = 2, b = −3, with ∂L/∂e = −2; and s = [a, a] · [1, 10], whose two elements both read a. */
const MUL = { forward: "a \\odot b", backward: ["\\bar y \\odot b", "\\bar y \\odot a"] };
const graph: ScalarGraph = {
  pass: 0 as PassId,
  tensors: [
    tensor(0, "a", [2]),
    tensor(1, "b", [-3]),
    tensor(2, "e", [-6], { isOp: true, gradient: Float64Array.of(-2), gradientState: "complete", formula: MUL }),
    tensor(3, "s", [2, 20], { isOp: true, gradient: Float64Array.of(4, 5), gradientState: "complete" }),
  ],
  flows: [
    flow(0, 2, 0, [[0, 0, -3]]),
    flow(1, 2, 1, [[0, 0, 2]]),
    flow(0, 3, 0, [
      [0, 0, 1],
      [0, 1, 10],
    ]),
  ],
  more: false,
};

describe("the scalar lens", () => {
  it("passes a gradient on one multiplication at a time", () => {
    assert.deepEqual(
      termsOf(graph, 2, 0).map(({ input, local, upstream }) => [input, local * upstream]),
      [
        [0, 6],
        [1, -4],
      ],
    );
    assert.equal(elementSteps(graph, 3), 2);
    // s passes 1 · 4 to a, then 10 · 5.
    assert.deepEqual(gradientsWithin(graph, 3, 0).get(0), [null]);
    assert.deepEqual(gradientsWithin(graph, 3, 1).get(0), [4]);
    assert.deepEqual(gradientsWithin(graph, 3, 2).get(0), [54]);
  });

  it("takes an op whose derivatives nobody wrote down as one step", () => {
    const unknown = { ...graph, flows: [flow(0, 3, 0, [[0, 0, NaN]])] };
    assert.equal(elementSteps(unknown, 3), 1);
  });

  it("writes the local derivative as the op's formula does", () => {
    const [toA, toB] = termsOf(graph, 2, 0);
    assert.ok(toA && toB);
    assert.equal(factorText(graph, toA), "b");
    assert.equal(factorText(graph, toB), "a");
    const [toFirst] = termsOf(graph, 3, 1);
    assert.ok(toFirst);
    assert.equal(factorText(graph, toFirst), "∂s[1]/∂a");
  });

  it("names elements by their index", () => {
    assert.equal(elementName(tensor(0, "w", [1, 2, 3, 4, 5, 6], { shape: [2, 3] }), 4), "w[1, 1]");
    assert.equal(elementName(tensor(0, "", [1], { isOp: true }), 0), "mul");
  });

  it("stands what is read left of what reads it, and moves nothing on a step", () => {
    const { placed } = layOutScalars(graph, WIDE);
    const x = (node: number): number => placed.get(node)?.x ?? NaN;
    assert.ok(x(0) < x(2) && x(1) < x(2) && x(0) < x(3));
    const stepped = { ...graph, tensors: graph.tensors.map((one) => ({ ...one, gradient: Float64Array.of(1, 2) })) };
    const places = (of: ScalarGraph): unknown =>
      [...layOutScalars(of, NARROW).placed].map(([node, { x, y }]) => [node, x, y]);
    assert.deepEqual(places(stepped), places(graph));
  });

  it("stands what is read above what reads it where the forward pass runs down, and nothing over anything else", () => {
    const { placed, width, height } = layOutScalars(graph, NARROW, "down");
    const y = (node: number): number => placed.get(node)?.y ?? NaN;
    assert.ok(y(0) < y(2) && y(1) < y(2) && y(0) < y(3));
    const boxes = [...placed.values()].map(({ tensor: { data }, form, x, y: top }) => ({
      left: x - form.circle / 2,
      right: x + form.width,
      top,
      bottom: top + (data.length - 1) * form.pitch + form.height,
    }));
    for (const [i, one] of boxes.entries()) {
      assert.ok(one.left >= 0 && one.top >= 0 && one.right <= width && one.bottom <= height);
      for (const other of boxes.slice(i + 1)) {
        const apart =
          one.right < other.left || other.right < one.left || one.bottom < other.top || other.bottom < one.top;
        assert.ok(apart);
      }
    }
  });
});
