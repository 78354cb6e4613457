import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { checkSecondOrder } from "../../../engine/check/second-order.ts";
import type { Tensor } from "../../../engine/index.ts";
import { output } from "../../../engine/ops/output-of.ts";
import type { JobId } from "../../../engine/protocol/ids.ts";
import { describeCheck, withReplayOf, type OpCheck } from "../../fuzz/op-checks.ts";
import { casesWithGradients, lossOfRedrawn } from "../../fuzz/redrawn.ts";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

/** Functions whose first derivatives are all right. */
const MODEL = `import { autograd, F, randn, type Tensor } from "backstep";
class Cube extends autograd.Function {
  static override forward(ctx: autograd.Context, x: Tensor) { ctx.saveForBackward(x); return x.pow(3); }
  static override backward(ctx: autograd.Context, grad: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    return grad.mul(x.square().mul(3));
  }
}
class Sigmoid extends autograd.Function {
  static override forward(ctx: autograd.Context, x: Tensor) { const y = x.sigmoid(); ctx.saveForBackward(y); return y; }
  static override backward(ctx: autograd.Context, grad: Tensor) {
    const [y] = ctx.savedTensors as [Tensor];
    return grad.mul(y.sub(y.square()));
  }
}
class Two extends autograd.Function {
  static override forward(ctx: autograd.Context, x: Tensor, y: Tensor): [Tensor, Tensor] {
    ctx.saveForBackward(x, y);
    return [x.mul(y), x.square()];
  }
  static override backward(ctx: autograd.Context, a: Tensor, b: Tensor) {
    const [x, y] = ctx.savedTensors as [Tensor, Tensor];
    return [a.mul(y).add(b.mul(x).mul(2)), a.mul(x)];
  }
}
class DetachedInput extends autograd.Function {
  static override forward(ctx: autograd.Context, x: Tensor) { ctx.saveForBackward(x.detach()); return x.pow(3); }
  static override backward(ctx: autograd.Context, grad: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    return grad.mul(x.square().mul(3));
  }
}
class DetachedGradient extends autograd.Function {
  static override forward(ctx: autograd.Context, x: Tensor) { return x.mul(2); }
  static override backward(ctx: autograd.Context, grad: Tensor) { return grad.detach().mul(2); }
}
const x = randn([3, 5], { requiresGrad: true });
const [product, square] = Two.apply(x, randn([3, 5], { requiresGrad: true }));
const h = Cube.apply(x).add(Sigmoid.apply(x)).add(DetachedInput.apply(x)).add(DetachedGradient.apply(x));
F.layerNorm(h.add(product).add(square), [5]).softmax(1).square().sum().backward();
`;

describe("the check of second derivatives", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), "backstep-second-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("finds Functions whose backward cannot be differentiated, and leaves the pass alone", async () => {
    const program = path.join(folder, "model.ts");
    writeFileSync(program, MODEL);
    await using session = new EngineSession(program);
    const { pass } = await session.firstStop(2);
    const rows = async (job: number, mode: "local" | "second-order") =>
      (await session.engine.check(job as JobId, pass, mode)).rows;
    const first = await rows(1, "local");
    assert.deepEqual(
      first.filter(({ verdict }) => verdict !== "pass").map(({ name }) => name),
      [],
    );
    const second = await rows(2, "second-order");
    assert.ok(second.every(({ order }) => order === 2));
    assert.deepEqual(
      second
        .filter(({ verdict }) => verdict !== "pass")
        .map(({ name, verdict, cause }) => [name, verdict, cause?.kind]),
      [
        ["DetachedInput", "fail", "unknown"],
        ["DetachedGradient", "fail", "unknown"],
      ],
    );
    const passes = await session.engine.passes();
    assert.equal(passes.length, 1);
  });

  it("finds in an ordinary check what a backward cuts off from a gradient that the pass differentiates", async () => {
    const program = (name: string, backward: string, loss: string): string => {
      const file = path.join(folder, `${name}.ts`);
      writeFileSync(
        file,
        `import { autograd, noGrad, tensor, type Tensor } from "backstep";
class Square extends autograd.Function {
  static override forward(ctx: autograd.Context, x: Tensor) { ctx.saveForBackward(x); return x.mul(x); }
  static override backward(ctx: autograd.Context, grad: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    return ${backward};
  }
}
const w = tensor([[0.5, -1.5], [2, 1]], { requiresGrad: true });
const x = tensor([[1, 2], [3, -1]], { requiresGrad: true });
const y = Square.apply(x.matmul(w)).sum();
const [g] = autograd.grad(y, [x], { createGraph: true });
const penalty = g!.square().sum();
(${loss}).backward();
`,
      );
      return file;
    };
    const check = async (file: string): Promise<readonly string[]> => {
      await using session = new EngineSession(file);
      await session.firstStop(2);
      await session.engine.resume();
      const { pass } = (await session.next("stopped")).cursor;
      const { rows } = await session.engine.check(1 as JobId, pass, "sampled");
      return rows
        .filter(({ verdict }) => verdict !== "pass")
        .map(({ name, order, verdict }) => `${verdict} ${order === 2 ? "backward of " : ""}${name}`);
    };
    const right = "grad.mul(x).mul(2)";
    const detached = "grad.mul(x.detach()).mul(2)";
    const unrecorded = "grad.mul(noGrad(() => x.mul(2)))";
    const both = "y.add(penalty)";
    assert.deepEqual(await check(program("right", right, both)), []);
    for (const [name, backward] of [
      ["detached", detached],
      ["unrecorded", unrecorded],
    ] as const) {
      const found = await check(program(name, backward, both));
      assert.deepEqual(found, ["fail backward of Square", "inconclusive x", "inconclusive w"], name);
    }
    // The Function itself is not in the pass then.
    assert.deepEqual(await check(program("penalty", detached, "penalty")), ["inconclusive w"]);
    // A mask does not change with x: nothing is missing.
    assert.deepEqual(await check(program("mask", "grad.mul(x).mul(2).mul(x.ge(-100).float().detach())", both)), []);
  });

  it("leaves the run whole when a Function had to be ended in it", async () => {
    const program = path.join(folder, "endless.ts");
    writeFileSync(
      program,
      `import { autograd, randn, type Tensor } from "backstep";
class Endless extends autograd.Function {
  static override forward(ctx: autograd.Context, x: Tensor) { return x.mul(2); }
  static override backward(ctx: autograd.Context, grad: Tensor) {
    while (grad.requiresGrad);
    return grad.mul(2);
  }
}
const x = randn([3], { requiresGrad: true });
Endless.apply(x).sum().backward();
x.square().sum().backward();
`,
    );
    await using session = new EngineSession(program);
    const { pass } = await session.firstStop();
    const { rows } = await session.engine.check(1 as JobId, pass, "second-order");
    assert.match(rows.find(({ name }) => name === "Endless")!.reason!, /was ended/);
    await session.engine.resume();
    await session.nextOf(["stopped", "ended"]);
    assert.equal((await session.engine.passes()).length, 2);
  });

  it("raises no alarm on the engine's own ops", async () => {
    const cases = casesWithGradients();
    let checked = 0;
    const property = fc.asyncProperty(fc.nat({ max: cases.length - 1 }), fc.nat(), async (index, seed) => {
      const loss = lossOfRedrawn(cases[index]!, seed);
      const checks = loss === null ? [] : await secondOrderBehind(loss);
      checked += checks.length;
      assert.deepEqual(checks.filter(({ row }) => row.verdict === "fail").map(describeCheck), []);
    });
    await fc.assert(property, { numRuns: 150 });
    assert.ok(checked > 300, `${checked} checked`);
  });
});

function secondOrderBehind(loss: Tensor): Promise<readonly OpCheck[]> {
  return withReplayOf(loss, async (replay) => {
    const { reader } = replay;
    const checks: OpCheck[] = [];
    // Functions are run by the user thread, which is not here.
    if (reader.schedule.forwardOrder.some((row) => replay.isFunction(row))) return checks;
    for (const node of reader.schedule.forwardOrder) {
      const op = reader.op(node);
      if (op && op !== output)
        checks.push({ op: op.id, row: await replay.scoped(() => checkSecondOrder(replay, node)) });
    }
    return checks;
  });
}
