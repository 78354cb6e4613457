import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { CheckMode, CheckRow } from "../../../engine/protocol/check.ts";
import type { JobId, NodeId } from "../../../engine/protocol/ids.ts";
import type { Plane } from "../../../engine/protocol/inspection.ts";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

describe("what a check finds besides wrong gradients", function () {
  this.timeout(30_000);
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), "backstep-findings-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  function sessionOf(source: string): EngineSession {
    const program = path.join(folder, "model.ts");
    writeFileSync(program, source);
    return new EngineSession(program);
  }

  /** Checks the first pass of a model file. */
  async function check(source: string, mode?: CheckMode): Promise<readonly CheckRow[]> {
    await using session = sessionOf(source);
    const { pass } = await session.firstStop(2);
    return (await session.engine.check(1 as JobId, pass, mode)).rows;
  }

  it("float32's precision lost, at the op where terms cancelled and at the parameter behind it", async () => {
    // 300,000 + x keeps one or two decimals of x in float32; what is subtracted again is exact.
    const rows = await check(`import { randn } from "backstep";
const x = randn([1000], { requiresGrad: true });
const back = x.add(3e5).sub(3e5);
back.square().sum().backward();
`);
    const lost = rows.filter(({ reason }) => reason?.startsWith("float32 lost precision here"));
    assert.deepEqual(
      lost.map(({ name, verdict }) => `${name} ${verdict}`),
      ["sub pass", "x pass"],
    );
  });

  it("nothing of the precision of a gradient that is zero, as that of a bias before a normalisation", async () => {
    const rows = await check(`import { nn, randn } from "backstep";
const net = new nn.Sequential(new nn.Linear(8, 16), new nn.BatchNorm1d(16), new nn.Linear(16, 1));
net.forward(randn([32, 8])).square().mean().backward();
`);
    assert.ok(rows.every(({ verdict, reason }) => verdict === "pass" && reason === undefined));
    assert.ok(rows.some(({ name }) => name === "0.bias"));
  });

  it("nothing where a gradient is zero because a factor is", async () => {
    // d(w·h)/dw = ȳ hᵀ with h = 0: the first step of every recurrent layer.
    const rows = await check(`import { nn, randn, zeros } from "backstep";
const cell = new nn.RNNCell(3, 4);
cell.forward(randn([5, 3]), zeros([5, 4])).square().sum().backward();
`);
    assert.deepEqual(
      rows.filter(({ verdict }) => verdict !== "pass").map(({ name, reason }) => `${name}: ${reason}`),
      [],
    );
  });

  const WRONG = `import { autograd, nn, randn, type Tensor } from "backstep";
class Halved extends autograd.Function {
  static override forward(ctx: autograd.Context, x: Tensor) { return x.mul(1); }
  static override backward(ctx: autograd.Context, grad: Tensor) { return grad.mul(0.5); }
}
const fc = new nn.Linear(30, 5);
Halved.apply(fc.forward(randn([4, 30]))).square().sum().backward();
`;

  it("what is wrong with every element, when each is compared", async () => {
    const rows = await check(WRONG, "full");
    const weight = rows.find(({ name }) => name === "weight");
    assert.deepEqual([weight?.verdict, weight?.compared, weight?.of], ["fail", 150, 150]);
    // [element, analytic, numeric, error bar] of each, whichever thread compared it.
    const elements = Array.from(weight?.elements ?? []).filter((_, i) => i % 4 === 0);
    assert.deepEqual(new Set(elements), new Set(Array.from({ length: 150 }, (_, i) => i)));
  });

  it("a parameter of fewer elements than threads, compared in full", async () => {
    const rows = await check(
      `import { tensor } from "backstep";\nconst x = tensor(3, { requiresGrad: true });\nx.square().backward();\n`,
      "full",
    );
    const x = rows.find(({ scope }) => scope === "parameter");
    assert.deepEqual([x?.verdict, x?.compared, x?.of, x?.reason], ["pass", 1, 1, undefined]);
  });

  it("that a gradient is wrong along a direction, of no element in particular", async () => {
    const rows = await check(WRONG, "directional");
    const weight = rows.find(({ name }) => name === "weight");
    assert.deepEqual([weight?.verdict, weight?.compared, weight?.of, weight?.worst], ["fail", 4, 150, []]);
    const right = await check(WRONG.replace("grad.mul(0.5)", "grad"), "directional");
    assert.deepEqual(
      right.filter(({ verdict }) => verdict !== "pass"),
      [],
    );
  });

  it("that all elements agree at once, where only some are compared by themselves", async () => {
    const rows = await check(
      `import { randn } from "backstep";\nrandn([500], { requiresGrad: true }).exp().sum().backward();\n`,
    );
    const exp = rows.find(({ name }) => name === "exp");
    assert.deepEqual([exp?.verdict, exp?.together, exp?.of], ["pass", true, 500]);
    assert.ok(exp!.compared < 10, `${exp!.compared}`);
  });

  it("of one op's result, element by element, when that alone is asked for", async () => {
    await using session = sessionOf(WRONG);
    const { pass } = await session.firstStop();
    const graph = await session.engine.graph(pass);
    const nodeOf = (name: string): NodeId => [...graph.op].findIndex((op) => graph.strings[op] === name) as NodeId;
    const [before, after] = [nodeOf("linear"), nodeOf("Halved")];

    const wrong = await session.engine.checkGradient(1 as JobId, pass, before);
    assert.deepEqual([wrong.scope, wrong.name, wrong.verdict, wrong.compared], ["result", "linear", "fail", 20]);
    const right = await session.engine.checkGradient(2 as JobId, pass, after);
    assert.deepEqual([right.name, right.verdict, right.compared], ["Halved", "pass", 20]);

    const read = (plane: Plane): Promise<Float64Array> =>
      session.engine.elements(pass, before, { plane, start: 0, count: 20 });
    await session.engine.moveCursor({ to: "end" });
    const [analytic, numeric] = await Promise.all([read("gradient"), read("numeric")]);
    numeric.forEach((value, i) => assert.ok(Math.abs(value - 2 * analytic[i]!) < 1e-5 * Math.abs(value)));
    const { compared, verdict } = await session.engine.node(pass, before);
    assert.equal(compared?.name, "linear");
    assert.equal(verdict?.scope, "result", "the op by itself was not asked for");
  });

  it("a rule that is right by the luck of its inputs, on others when asked", async () => {
    const source = `import { autograd, tensor, type Tensor } from "backstep";
class Magnitude extends autograd.Function {
  static override forward(ctx: autograd.Context, x: Tensor) { return x.abs(); }
  static override backward(ctx: autograd.Context, grad: Tensor) { return grad; }
}
class Right extends autograd.Function {
  static override forward(ctx: autograd.Context, x: Tensor) { ctx.saveForBackward(x); return x.log(); }
  static override backward(ctx: autograd.Context, grad: Tensor) { return grad.div((ctx.savedTensors as [Tensor])[0]); }
}
const x = tensor([0.5, 1.5, 2.5], { requiresGrad: true });
Magnitude.apply(x).add(Right.apply(x)).sum().backward();
`;
    const failed = async (mode: CheckMode): Promise<string[]> =>
      (await check(source, mode))
        .filter(({ verdict }) => verdict !== "pass")
        .map(({ name, reason }) => `${name}: ${reason}`);
    assert.deepEqual(await failed("local"), []);
    assert.deepEqual(await failed("other-inputs"), [
      "Magnitude: on inputs that were not recorded: the recorded ones, some with the other sign",
    ]);
  });

  it("nothing in what a mask of -Infinity hides", async () => {
    const rows = await check(`import { randn, tensor } from "backstep";
const scores = randn([3, 3], { requiresGrad: true });
const mask = tensor([[0, -Infinity, -Infinity], [0, 0, -Infinity], [0, 0, 0]]);
scores.add(mask).softmax(1).matmul(randn([3, 2])).square().sum().backward();
`);
    assert.deepEqual(
      rows.filter(({ verdict }) => verdict !== "pass").map(({ name, reason }) => `${name}: ${reason}`),
      [],
    );
  });

  it("a hook that changes a gradient, by the line that registered it, and not lost precision", async () => {
    const rows = await check(`import { randn } from "backstep";
const w = randn([4], { requiresGrad: true });
const doubled = w.mul(2);
doubled.registerHook((grad) => grad.mul(10));
doubled.square().sum().backward();
`);
    assert.deepEqual(
      rows
        .filter(({ verdict, reason }) => verdict !== "pass" || reason)
        .map(({ name, reason }) => `${name}: ${reason}`),
      [
        "w: a hook, registered in line 4, changed the gradient of doubled: what the run computed is not the derivative of the loss",
      ],
    );
  });

  const rounds = (
    surrogate: string,
    first: string,
  ): string => `import { autograd, tensor, type Tensor } from "backstep";
class Round extends autograd.Function {
  ${surrogate}
  static override forward(_: autograd.Context, x: Tensor) { return x.round(); }
  static override backward(_: autograd.Context, grad: Tensor) { return grad; }
}
class Double extends autograd.Function {
  static override forward(_: autograd.Context, x: Tensor) { return x.mul(2); }
  static override backward(_: autograd.Context, grad: Tensor) { return ${first}; }
}
const w = tensor([0.3, 1.2, -0.7], { requiresGrad: true });
Round.apply(Double.apply(w)).square().sum().backward();
`;
  const verdicts = (rows: readonly CheckRow[]): string[] =>
    rows.filter(({ name }) => ["Round", "Double", "w"].includes(name)).map(({ name, verdict }) => `${name} ${verdict}`);

  it("a gradient that is declared, and whether everything before it is right all the same", async () => {
    const right = await check(rounds("static surrogate = true;", "grad.mul(2)"));
    assert.deepEqual(verdicts(right), ["Double pass", "Round pass", "w pass"]);
    assert.equal(right.find(({ name }) => name === "Round")?.reason, "intended: its class says static surrogate");
    const wrong = await check(rounds("static surrogate = true;", "grad.mul(3)"));
    assert.deepEqual(verdicts(wrong), ["Double fail", "Round pass", "w fail"]);
  });

  it("how to declare a gradient that is passed on as it is", async () => {
    const rows = await check(rounds("", "grad.mul(2)"));
    const text = rows.find(({ name }) => name === "Round")?.cause?.text ?? "";
    assert.match(text, /straight-through estimator or a gradient reversal, say so with static surrogate = true$/u);
  });

  it("nothing in a function at a jump, where its gradient is 0", async () => {
    const rows = await check(`import { tensor } from "backstep";
const x = tensor([0.5, -1.5, 0.2], { requiresGrad: true });
x.round().mul(x.detach()).sum().backward();
`);
    assert.deepEqual(
      rows.filter(({ verdict }) => verdict !== "pass").map(({ name, reason }) => `${name}: ${reason}`),
      [],
    );
  });
});
