import assert from "node:assert/strict";
import type { NodeId } from "../../../engine/protocol/ids.ts";
import { differenceOf } from "../../../engine/protocol/comparison.ts";
import { alignRows } from "../../../engine/recording/compare/align.ts";
import {
  comparePasses,
  relativeDifference,
  type ComparedPass,
} from "../../../engine/recording/compare/compare-passes.ts";
import type { PassStructure } from "../../../engine/recording/pass-structure.ts";
import { STRUCTURE, syntheticPass } from "./synthetic-recording.ts";

/** A pass of the synthetic structure, whose elements `change` may replace. */
function compared(change: (row: number, plane: string, values: Float32Array) => void = () => undefined): ComparedPass {
  const { structure, facts, tensor } = syntheticPass(3, 10);
  return {
    structure,
    facts,
    elements: (ref) => {
      const bytes = Buffer.concat([...tensor(ref).pieces()]);
      const elements = new Float32Array(bytes.length / 4).map((_, i) => bytes.readFloatLE(4 * i));
      if (!("edge" in ref)) change(ref.row, ref.plane, elements);
      return elements;
    },
  };
}

/** A chain of ops of one shape; a name of the form "op:label" gives a row its variable. */
function chain(...rows: string[]): PassStructure {
  const names = rows.map((row) => row.split(":")[0]!);
  const labels = rows.map((row) => row.split(":")[1] ?? "");
  return {
    ...STRUCTURE,
    rows: rows.length,
    ops: names.map((name) => ({ name, record: name })),
    op: Uint32Array.from(names.keys()),
    labels,
    label: Uint32Array.from(labels.keys()),
    nodeKind: new Uint8Array(rows.length),
    dtype: new Uint8Array(rows.length),
    requiresGrad: new Uint8Array(rows.length),
    sites: [null],
    site: new Uint32Array(rows.length),
    scopes: [],
    scope: new Int32Array(rows.length).fill(-1),
    shapeStart: new Uint32Array(rows.length + 1),
    shapes: new Float64Array(),
    inputStart: Uint32Array.from({ length: rows.length + 1 }, (_, row) => Math.max(0, row - 1)),
    inputs: Uint32Array.from({ length: rows.length - 1 }, (_, edge) => edge),
    roots: [(rows.length - 1) as NodeId],
    backwardOrder: new Uint32Array(),
  };
}

describe("comparing two passes", () => {
  it("finds no difference between a pass and itself", () => {
    const found = comparePasses(compared(), compared(), 0);
    assert.equal(found.different, 0);
    assert.equal(found.first, null);
    assert.equal(found.nodes.length, STRUCTURE.rows);
  });

  it("names the first value that differs in tape order, by how much", () => {
    const changed = compared((row, plane, values) => {
      if (row >= 2 && plane === "value") values.forEach((value, i) => (values[i] = 2 * value));
    });
    const found = comparePasses(compared(), changed, 1e-5);
    assert.equal(found.different, 3);
    const first = found.nodes[found.first!]!;
    assert.deepEqual(first.nodes, [2, 2]);
    assert.equal(first.op, "matmul");
    // ‖v − 2v‖ over ‖2v‖.
    assert.ok(Math.abs(first.value - 0.5) < 1e-12);
    assert.equal(first.sites[0]?.line, 3);
  });

  it("names the gradient that the backward pass comes to first, where all values agree", () => {
    const changed = compared((row, plane, values) => {
      if (row <= 3 && plane === "gradient") values[0]! += 1;
    });
    const found = comparePasses(compared(), changed, 1e-5);
    assert.deepEqual(found.nodes[found.first!]!.nodes, [3, 3]);
  });

  it("leaves alone what differs within the tolerance", () => {
    const changed = compared((_row, _plane, values) => values.forEach((value, i) => (values[i] = value * (1 + 1e-6))));
    assert.equal(comparePasses(compared(), changed, 1e-5).different, 0);
    assert.ok(comparePasses(compared(), changed, 1e-8).different > 0);
  });

  it("takes NaN for NaN, and anything else for infinitely far from it", () => {
    assert.equal(relativeDifference([Number.NaN, 1], [Number.NaN, 1]), 0);
    assert.equal(relativeDifference([Number.NaN, 1], [2, 1]), Infinity);
    assert.equal(relativeDifference([Infinity, 1], [Infinity, 1]), 0);
    assert.equal(relativeDifference([0, 0], [0, -0]), 0);
    assert.equal(relativeDifference([1e300], [-1e300]), 2);
    assert.equal(relativeDifference([1e-300], [0]), 1);
  });

  it("shows an op that only one has, and pairs those around it", () => {
    const first = chain("linear:h", "relu", "linear:y", "sum:loss");
    const second = chain("linear:h", "relu", "dropout", "linear:y", "sum:loss");
    assert.deepEqual(alignRows(first, second), [
      [0, 0],
      [1, 1],
      [-1, 2],
      [2, 3],
      [3, 4],
    ]);
  });

  it("pairs unnamed ops by what they are", () => {
    assert.deepEqual(alignRows(chain("a", "b", "c"), chain("a", "c")), [
      [0, 0],
      [1, -1],
      [2, 1],
    ]);
    const long = Array.from({ length: 3000 }, (_, i) => `op${i % 7}`);
    const pairs = alignRows(chain(...long), chain(...long.toSpliced(1500, 1)));
    assert.equal(pairs.filter(([a, b]) => a >= 0 && b >= 0).length, 2999);
  });

  it("calls another shape another shape", () => {
    const wider = compared();
    const shapes = STRUCTURE.shapes.slice();
    shapes[6] = 8;
    const found = comparePasses(compared(), { ...wider, structure: { ...STRUCTURE, shapes } }, 1e-5);
    const first = found.nodes[found.first!]!;
    assert.equal(differenceOf(first, 1e-5), "shape");
    assert.deepEqual(first.shapes, [[4], [8]]);
  });
});
