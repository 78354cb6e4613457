import assert from "node:assert/strict";
import { history } from "../../../engine/autograd/history.ts";
import { runtime } from "../../../engine/core/runtime.ts";
import { tensor, type Tensor } from "../../../engine/index.ts";
import { exp } from "../../../engine/ops/exponential.ts";
import { LivePass } from "../../../engine/reading/live-pass.ts";
import { recordOf } from "../../../engine/reading/pass-record.ts";
import { provesItself } from "../../../engine/reading/prove-op.ts";
import { readerTables } from "../../reader-tables.ts";

/** A pass through `exp`, as if another framework had run it: what it recorded is written over where a test says so. */
function throughExp(x: Tensor): { readonly pass: LivePass; readonly row: number } {
  x.requiresGrad_().exp().sum().backward();
  const pass = new LivePass(
    runtime.memory,
    readerTables(),
    recordOf(history.passes.at(-1)!, { backwardSites: [], parameters: [] }),
  );
  const row = Array.from({ length: pass.rows }, (_, at) => at).find((at) => pass.inputs(at).length === 1)!;
  return { pass, row };
}

const doubles = (values: readonly number[]): Tensor => tensor(values, { dtype: "float64" });

describe("an op of another framework", () => {
  it("proves itself where both results and gradients are not finite alike", () => {
    const { pass, row } = throughExp(doubles([1, 1000, NaN, -Infinity]));
    assert.ok(provesItself(pass, row, exp));
  });

  for (const odd of [NaN, Infinity, -Infinity]) {
    it(`does not where it passed ${odd} back, and our rule a number`, () => {
      const { pass, row } = throughExp(doubles([1, 2, 3]));
      runtime.memory.f64[pass.gradient(pass.inputs(row)[0]!)!.offset / 8 + 1] = odd;
      assert.ok(!provesItself(pass, row, exp));
    });

    it(`does not where its result is ${odd}, and ours a number`, () => {
      const { pass, row } = throughExp(doubles([1, 2, 3]));
      const { offset } = pass.value(row) as { readonly offset: number };
      runtime.memory.f64[offset / 8 + 1] = odd;
      assert.ok(!provesItself(pass, row, exp));
    });
  }

  for (const [theirs, what] of [
    [4, "a number"],
    [NaN, "NaN"],
    [-Infinity, "the other infinity"],
  ] as const) {
    it(`does not where our rule gives infinity, and it passed ${what} back`, () => {
      const { pass, row } = throughExp(doubles([1, 1000, 3]));
      runtime.memory.f64[pass.gradient(pass.inputs(row)[0]!)!.offset / 8 + 1] = theirs;
      assert.ok(!provesItself(pass, row, exp));
    });
  }
});
