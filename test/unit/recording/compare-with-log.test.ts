import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { differenceOf } from "../../../engine/protocol/comparison.ts";
import { compareWithLog } from "../../../engine/recording/compare/compare-with-log.ts";
import type { ComparedPass } from "../../../engine/recording/compare/compare-passes.ts";
import { isDebugModeLog, readDebugModeLog } from "../../../engine/recording/compare/debug-mode-log.ts";
import { Held } from "../../../engine/recording/pass-structure.ts";
import { STRUCTURE, syntheticPass } from "./synthetic-recording.ts";

/** What torch 2.14 has saved of `nn.Sequential(nn.Linear(2, 3), nn.ReLU())(x).sum().backward()`, x [4, 2], after a `randn`. */
const text = readFileSync(join(import.meta.dirname, "debug-mode-log.json"), "utf8");
const log = readDebugModeLog(text)!;

/** Op or leaf, sizes, and the sums of magnitudes of its value and gradient. */
type Row = readonly [name: string, shape: readonly number[], value: number, gradient: number];

const ROWS: readonly Row[] = [
  ["constant", [4, 2], 8.1, NaN],
  ["parameter", [3, 2], 1.9489462384954095, 13.259578853845596],
  ["parameter", [3], 1, 10],
  ["linear", [4, 3], 4.20738147944212, 10],
  ["relu", [4, 3], 3.8940870985388756, 12],
  ["sum", [], 3.8940868377685547, 1],
];

/** The pass of that program, a row of which may be changed. */
function pass(change: Readonly<Record<number, Row>> = {}): ComparedPass {
  const rows = ROWS.map((row, i) => change[i] ?? row);
  const ends = rows.map((_, i) => rows.slice(0, i).reduce((sum, [, shape]) => sum + shape.length, 0));
  return {
    structure: {
      ...STRUCTURE,
      rows: rows.length,
      ops: rows.map(([name]) => ({ name, record: "" })),
      op: Uint32Array.from(rows.keys()),
      nodeKind: Uint8Array.of(3, 2, 2, 0, 0, 0),
      requiresGrad: Uint8Array.of(0, 1, 1, 1, 1, 1),
      label: new Uint32Array(6),
      scope: new Int32Array(6).fill(-1),
      site: new Uint32Array(6),
      shapeStart: Uint32Array.from([...ends, rows.reduce((sum, [, shape]) => sum + shape.length, 0)]),
      shapes: Float64Array.from(rows.flatMap(([, shape]) => shape)),
      inputStart: Uint32Array.of(0, 0, 0, 0, 3, 4, 5),
      inputs: Uint32Array.of(0, 1, 2, 3, 4),
    },
    facts: {
      ...syntheticPass(0, 1).facts,
      held: Uint8Array.from(rows, ([, , , gradient]) => Held.value | (Number.isNaN(gradient) ? 0 : Held.gradient)),
    },
    elements: (ref) => {
      if ("edge" in ref) return null;
      const [, , value, gradient] = rows[ref.row]!;
      return [-(ref.plane === "value" ? value : gradient)];
    },
  };
}

function differences(change: Readonly<Record<number, Row>>): readonly unknown[] {
  const { nodes, first } = compareWithLog(pass(change), log, 1e-5);
  const kinds = nodes.flatMap((node, row) => {
    const kind = differenceOf(node, 1e-5);
    return kind === null ? [] : [[row, kind] as const];
  });
  return [first, kinds];
}

describe("a pass compared with a log of PyTorch's DebugMode", () => {
  it("reads what each op has computed", () => {
    assert.ok(isDebugModeLog(text));
    assert.ok(!isDebugModeLog('{"passes": []}'));
    assert.deepEqual(log[2], { op: "addmm", elements: 12, norm: 4.20738147944212 });
    assert.equal(log.length, 16);
    assert.equal(readDebugModeLog(text.replace('"version": 1', '"version": 2')), null);
  });

  it("finds every op and gradient of the same run, whatever else the dispatcher called", () => {
    assert.deepEqual(differences({}), [null, []]);
  });

  it("names the first op whose value is another, and gradients", () => {
    const other: Row = ["relu", [4, 3], 3.9, 12];
    assert.deepEqual(differences({ 4: other }), [4, [[4, "value"]]]);
    assert.deepEqual(differences({ 1: ["parameter", [3, 2], 1.95, 14] }), [1, [[1, "gradient"]]]);
  });

  it("says which op of another size the log does not have, and nothing of ops that it takes apart", () => {
    assert.deepEqual(differences({ 4: ["relu", [4, 5], 3.9, NaN] }), [4, [[4, "only-first"]]]);
    assert.deepEqual(differences({ 4: ["something_of_its_own", [4, 3], 3.9, 12] }), [null, []]);
  });
});
