import assert from "node:assert/strict";

import { families, readCases, type ParityCase } from "./fixture.ts";
import { runCase } from "./run-case.ts";

// PARITY=matmul npx mocha test/unit/parity/parity.test.ts runs the cases with "matmul" in their id, one test each.
const FILTER = process.env["PARITY"];

for (const family of families()) {
  const cases = readCases(family);
  describe(`parity with PyTorch: ${family}`, () => {
    if (FILTER !== undefined) {
      for (const parityCase of cases.filter(({ id }) => id.includes(FILTER))) {
        it(parityCase.id, () => assertSame([parityCase], true));
      }
      return;
    }
    for (const [op, group] of Map.groupBy(cases, ({ op }) => op)) {
      it(`${op} (${group.length} cases)`, () => assertSame(group, false)).timeout(60_000);
    }
  });
}

function assertSame(cases: readonly ParityCase[], withInputs: boolean): void {
  const failures = cases.flatMap((parityCase) => {
    const differences = runCase(parityCase);
    if (differences.length === 0) return [];
    const inputs = withInputs ? [`code: ${parityCase.code}`, `inputs: ${JSON.stringify(parityCase.inputs)}`] : [];
    return [`${parityCase.id}\n    ${[...differences, ...inputs].join("\n    ")}`];
  });
  assert.equal(failures.length, 0, `${failures.length} of ${cases.length} cases differ:\n  ${failures.join("\n  ")}`);
}
