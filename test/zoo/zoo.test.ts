import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CheckRow } from "../../engine/protocol/check.ts";
import type { JobId } from "../../engine/protocol/ids.ts";
import { EngineSession } from "../golden/stepping/engine-session.ts";
import { readLabels } from "./applications.ts";
import { readCases } from "./zoo-case.ts";

/** Checks every pass of a model file. */
async function checkAll(name: string): Promise<CheckRow[]> {
  const program = fileURLToPath(new URL(`./${name}`, import.meta.url));
  await using session = new EngineSession(program);
  const { engine } = session;
  await engine.launch({
    program,
    args: [],
    stopOn: { kind: "every" },
    threads: 2,
    historyBytes: 2 ** 26,
    seed: 0,
    deterministic: true,
  });
  const rows: CheckRow[] = [];
  for (let job = 1; ; job++) {
    const state = await session.nextOf(["stopped", "ended"]);
    if (state.kind === "ended") {
      assert.equal(state.failure, undefined);
      return rows;
    }
    const checked = await engine.check(job as JobId, state.cursor.pass);
    rows.push(...checked.rows);
    await engine.resume();
  }
}

describe("the zoo of wrong gradients", function () {
  this.timeout(120_000);

  it("has every mistake found in its op, with its cause and its line", async () => {
    const source = readFileSync(new URL("./wrong.model.ts", import.meta.url), "utf8");
    const expected = readLabels();
    assert.ok(expected.length >= 30);
    const rows = (await checkAll("wrong.model.ts")).filter(({ scope }) => scope === "op");
    const found = expected.map(({ name }) => {
      const row = rows.find((candidate) => candidate.name === name);
      return { kind: row?.verdict === "fail" ? row.cause?.kind : row?.verdict, name };
    });
    assert.deepEqual(found, expected);
    for (const { name, gradients } of readCases()) {
      const row = rows.find((candidate) => candidate.name === name);
      const blamed = gradients.find(({ input }) => input === (row?.input ?? 0));
      if (row !== undefined)
        assert.notEqual(blamed?.mistaken, undefined, `${name}: PyTorch finds input ${row.input} right`);
    }
    const lines = source.split("\n");
    for (const { name, cause } of rows.filter(({ verdict }) => verdict === "fail")) {
      const line = cause?.backward?.line ?? 0;
      assert.match(lines[line - 1] ?? "", /static backward/u, `${name}: line ${line}`);
    }
  });

  it("raises no alarm on gradients that only look wrong", async () => {
    const rows = await checkAll("right.model.ts");
    assert.ok(rows.length > 200);
    assert.deepEqual(
      rows.filter(({ verdict }) => verdict === "fail").map(({ name, site }) => `${name} at line ${site?.line}`),
      [],
    );
  });

  it("raises no alarm on right programs that tempt it, and leaves few of them open", async () => {
    const rows = await checkAll("tempting.model.ts");
    assert.deepEqual(
      rows.filter(({ verdict }) => verdict === "fail").map(({ name, site }) => `${name} at line ${site?.line}`),
      [],
    );
    assert.ok(rows.filter(({ verdict }) => verdict === "inconclusive").length <= 8);
    const outside = rows.filter(({ reason }) => reason?.includes("a sample of the function is not finite"));
    // A power ends at 0 itself, from where no step leads below.
    assert.deepEqual(
      outside.map(({ name }) => name),
      ["pow"],
    );
  });
});
