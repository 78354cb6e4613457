import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { EVIDENCE, type CheckRow } from "../../../engine/protocol/check.ts";
import type { JobId } from "../../../engine/protocol/ids.ts";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

const program = fileURLToPath(new URL("./bad-functions.model.ts", import.meta.url));

/** What a check says of a Function that cannot be trusted, by class. */
const SAID: Readonly<Record<string, readonly [verdict: string, words: RegExp]>> = {
  ThrowsAgain: ["inconclusive", /only once, please/u],
  NotANumber: ["fail", /^backward returns NaN for 3 of 3 elements/u],
  Endless: ["inconclusive", /^it was ended when it had run for 2 s/u],
  ChangesInput: ["inconclusive", /^forward changes argument 0 in place without markDirty/u],
  Random: ["pass", /^$/u],
  OuterState: ["inconclusive", /^not deterministic: forward gives another result/u],
  RandomBackward: ["fail", /^backward draws random numbers of its own/u],
  Clipped: [
    "fail",
    /twice the gradient does not give twice the result; if that is meant, say so with static surrogate = true$/u,
  ],
  Offset: ["fail", /a gradient of zeros does not give zeros/u],
  ClippedOnPurpose: ["pass", /^$/u],
  Right: ["pass", /^$/u],
};

describe("a check of Functions that misbehave", function () {
  this.timeout(30_000);
  const rows: CheckRow[] = [];

  before(async () => {
    await using session = new EngineSession(program);
    const { engine } = session;
    const launch = { program, args: [], stopOn: { kind: "every" }, threads: 2, seed: 0, deterministic: true } as const;
    await engine.launch({ ...launch, historyBytes: 2 ** 26 });
    for (let job = 1; ; job++) {
      const state = await session.nextOf(["stopped", "ended"]);
      if (state.kind === "ended") break;
      rows.push(...(await engine.check(job as JobId, state.cursor.pass)).rows);
      await engine.resume();
    }
  });

  for (const [name, [verdict, words]] of Object.entries(SAID)) {
    it(`says of ${name} what is the matter: ${verdict}`, () => {
      const row = rows.find((candidate) => candidate.name === name);
      assert.equal(row?.verdict, verdict);
      assert.match(row.cause?.text ?? row.reason ?? "", words);
    });
  }

  it("names the Function that keeps a parameter behind it from being compared", () => {
    const behind = rows.filter(({ scope, reason }) => scope === "parameter" && reason?.startsWith("not deterministic"));
    assert.deepEqual(
      behind.map(({ reason }) => /through (\w+)/.exec(reason!)?.[1]),
      ["OuterState"],
    );
  });

  it("goes on with the rest: the op behind each is checked", () => {
    const sums = rows.filter(({ name }) => name === "sum");
    assert.deepEqual(
      sums.map(({ verdict }) => verdict),
      Object.keys(SAID).map(() => "pass"),
    );
  });

  it("shows what a backward that is not linear returned, and what a linear one would", () => {
    const { evidence } = rows.find(({ name }) => name === "Clipped")!;
    assert.equal(Math.abs(evidence[EVIDENCE.analytic]!), 2);
    assert.ok(Math.abs(evidence[EVIDENCE.numeric]!) > 2);
  });
});
