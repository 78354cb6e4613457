import assert from "node:assert/strict";
import { formatCheck } from "../../../engine/command-line/format-check.ts";
import type { CheckRow } from "../../../engine/protocol/check.ts";
import type { NodeId, PassId } from "../../../engine/protocol/ids.ts";

const at = (line: number) => ({ file: "/m.ts", line, column: 3, endLine: line, endColumn: 9 });

function row(node: number, name: string, relError: number, more: Partial<CheckRow> = {}): CheckRow {
  return {
    node: node as NodeId,
    scope: "op",
    name,
    label: "",
    input: null,
    site: at(4),
    verdict: "pass",
    evidence: Float64Array.of(relError, 1, 1, 1e-12, 1e-4),
    worst: [0],
    compared: 1,
    of: 1,
    ...more,
  };
}

describe("the table of a check", () => {
  it("has one line for what passed at one place, with the worst of its numbers, and one for each that did not", () => {
    const rows = [
      row(1, "tanh", 1e-14),
      row(2, "tanh", 3e-13),
      row(3, "tanh", 2e-15),
      row(4, "tanh", 1e-14, { site: at(5) }),
      row(5, "Cube", 0.5, { verdict: "fail" }),
      row(6, "Cube", 0.4, { verdict: "fail" }),
      row(7, "tanh", 1e-14, { reason: "float32 lost precision here" }),
      row(8, "fc.weight", 1e-12, { scope: "parameter" }),
      row(9, "fc.weight", 1e-12, { scope: "parameter" }),
    ];
    const summary = { pass: 0 as PassId, passed: 7, failed: 2, inconclusive: 0, cancelled: false };
    assert.equal(
      formatCheck({ index: 0, loss: 0.25, rows, summary }),
      `pass 0, loss 0.25
                 analytic  numeric  error bar  rel. error  where
FAIL  Cube       1         1        ± 1e-12    0.5         /m.ts:4:3
FAIL  Cube       1         1        ± 1e-12    0.4         /m.ts:4:3
pass  tanh × 3   1         1        ± 1e-12    3e-13       /m.ts:4:3
pass  tanh       1         1        ± 1e-12    1e-14       /m.ts:5:3
pass  tanh       1         1        ± 1e-12    1e-14       /m.ts:4:3
        float32 lost precision here
pass  fc.weight  1         1        ± 1e-12    1e-12       /m.ts:4:3
pass  fc.weight  1         1        ± 1e-12    1e-12       /m.ts:4:3
7 passed, 2 failed, 0 inconclusive

`,
    );
  });
});
