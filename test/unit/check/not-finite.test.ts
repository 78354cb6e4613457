import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { EVIDENCE, type CheckRow } from "../../../engine/protocol/check.ts";
import type { JobId } from "../../../engine/protocol/ids.ts";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

/** What a check says of each pass: the op that made the first number that is not finite, and why; null of right ones. */
const SAID: readonly (readonly [op: string, why: RegExp] | null)[] = [
  ["log", /^log\(-2\) is NaN at \[2\]$/u],
  ["div", /^div\(0, 0\) is NaN at \[0\]$/u],
  ["exp", /^exp\(100\) is Inf at \[3\]: it is too large for float32$/u],
  ["exp", /infinite derivative times zero.* its input is 100 \(at \[3\]\).*the branch not taken: where in line 8/u],
  null,
  ["softmax", /^softmax is NaN at \[0, 0\]: everything that it is taken over is -Inf/u],
  null,
  ["sqrt", /^the derivative of sqrt is infinite where its input is 0/u],
  null,
  ["mul", /holds NaN at \[0\]: it was not finite before any op ran$/u],
  ["acos", /^the derivative of acos is infinite where its input is 1 \(at \[0\]\)/u],
  ["exp", /^exp\(1000\) is Inf at \[0\]$/u],
];

describe("numbers of a run that are not finite", function () {
  this.timeout(30_000);
  const passes: (readonly CheckRow[])[] = [];

  before(async () => {
    const program = fileURLToPath(new URL("./not-finite.model.ts", import.meta.url));
    await using session = new EngineSession(program);
    const { engine } = session;
    const launch = { program, args: [], stopOn: { kind: "every" }, threads: 2, seed: 0, deterministic: true } as const;
    await engine.launch({ ...launch, historyBytes: 2 ** 26 });
    for (let job = 1; ; job++) {
      const state = await session.nextOf(["stopped", "ended"]);
      if (state.kind === "ended") break;
      passes.push((await engine.check(job as JobId, state.cursor.pass)).rows);
      await engine.resume();
    }
  });

  it("are failures of the op that made the first of them, with the element and why", () => {
    assert.equal(passes.length, SAID.length);
    passes.forEach((rows, pass) => {
      const wrong = rows.filter(({ verdict, scope }) => verdict === "fail" && scope === "op");
      const said = SAID[pass];
      if (!said) return assert.deepEqual(wrong, [], `pass ${pass}`);
      assert.deepEqual(
        wrong.map(({ name, cause }) => [name, cause?.kind]),
        [[said[0], "not-finite"]],
        `pass ${pass}`,
      );
      assert.match(wrong[0]!.cause!.text, said[1]);
    });
  });

  it("are named as the reason where they arrive", () => {
    const [, , , branch] = passes;
    const x = branch!.find(({ scope }) => scope === "parameter");
    assert.equal(x?.verdict, "fail");
    assert.match(x.reason ?? "", /^NaN reaches it: exp in line 8 made the first number that is not finite$/u);
  });

  it("are what a parameter's failure shows, and no difference of losses that are not finite", () => {
    const x = passes[passes.length - 1]!.find(({ scope }) => scope === "parameter");
    assert.deepEqual(x?.worst, [0], "exp(1000); the gradient at 0.5 is right");
    assert.deepEqual([x.evidence[EVIDENCE.analytic], x.evidence[EVIDENCE.numeric]], [Infinity, NaN]);
    assert.equal(x.cause, undefined);
  });

  it("decide nothing of what they do not reach", () => {
    const last = passes[passes.length - 1]!.find(({ scope }) => scope === "parameter");
    assert.equal(last?.verdict, "fail", "its own first element's gradient is infinite");
    assert.ok(passes[4]!.every(({ verdict }) => verdict === "pass"));
  });
});
