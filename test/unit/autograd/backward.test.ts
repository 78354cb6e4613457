import assert from "node:assert/strict";
import {
  autograd,
  checkpoint,
  F,
  isGradEnabled,
  manualSeed,
  nn,
  noGrad,
  ones,
  randn,
  setGradEnabled,
  tensor,
  type Tensor,
} from "../../../engine/index.ts";
import { CallScope, currentScope, inScope } from "../../../engine/context/scope.ts";
import { EngineError } from "../../../engine/context/engine-error.ts";

const leaf = (data: number[]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });
const message = (part: string) => (error: unknown) => error instanceof EngineError && error.message.includes(part);

describe("backward", () => {
  it("starts and ends at a leaf when that is the root: dx/dx = 1", () => {
    const x = tensor(3, { dtype: "float64", requiresGrad: true });
    x.backward();
    assert.equal(x.grad?.item(), 1);
    assert.equal(autograd.grad(x, x)[0]?.item(), 1);
  });

  it("adds to .grad, in the tensor that is there", () => {
    const x = leaf([1, 2]);
    x.square().sum().backward();
    const held = x.grad;
    x.square().sum().backward();
    assert.equal(x.grad, held);
    assert.deepEqual(x.grad?.tolist(), [4, 8]);
  });

  it("starts from a scalar, or from a given gradient", () => {
    const x = leaf([1, 2]);
    assert.throws(() => x.mul(2).backward(), message("[2]"));
    x.mul(2).backward(tensor([1, 10], { dtype: "float64" }));
    assert.deepEqual(x.grad?.tolist(), [2, 20]);
    assert.throws(() => x.mul(2).backward(ones([3])), message("[3]"));
    assert.throws(() => ones([1]).backward(), message("does not require a gradient"));
  });

  it("runs twice where nothing was saved, as PyTorch does, and else only with retainGraph", () => {
    const x = leaf([1, 2]);
    const linear = x.add(1).sum();
    linear.backward();
    linear.backward();
    const square = x.square().sum();
    square.backward({ retainGraph: true });
    square.backward();
    assert.deepEqual(x.grad?.tolist(), [6, 10]);
    assert.throws(() => square.backward(), message("backward: the graph was already run and released (at square)"));
    const scaled = x.mul(2).sum();
    scaled.backward();
    assert.throws(() => scaled.backward(), message("already run"));
  });

  it("is differentiable with createGraph", () => {
    const x = leaf([2]);
    const [first] = autograd.grad(x.pow(4).sum(), [x], { createGraph: true });
    const [second] = autograd.grad(first!.sum(), [x], { createGraph: true });
    const [third] = autograd.grad(second!.sum(), [x]);
    assert.deepEqual(
      [first, second, third].map((g) => g!.item()),
      [32, 48, 48],
    ); // 4x³, 12x², 24x
  });

  it("records what hooks compute where the pass is recorded, and only there, whatever a hook switches", () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    const seen: boolean[] = [];
    y.registerHook(() => {
      seen.push(isGradEnabled());
      setGradEnabled(!isGradEnabled());
    });
    x.registerHook(() => void seen.push(isGradEnabled()));
    y.sum().backward({ retainGraph: true });
    assert.deepEqual(seen, [false, false]);
    assert.equal(isGradEnabled(), true);
    autograd.grad(y.sum(), x, { createGraph: true });
    assert.deepEqual(seen.slice(2), [true, true]);
    assert.equal(isGradEnabled(), true);
  });

  it("runs hooks in the scope of whoever asked for the pass", () => {
    const layer = new nn.Linear(2, 2);
    const x = leaf([1, 2]);
    const scopes: (string | undefined)[] = [];
    const y = layer.forward(x.to("float32")).relu();
    x.registerHook(() => void scopes.push(currentScope()?.path));
    layer.weight.registerHook(() => void scopes.push(currentScope()?.path));
    inScope(new CallScope(null, "function", "outer", "outer", 0), () => y.sum().backward());
    assert.deepEqual(scopes, ["outer", "outer"]);
    assert.equal(currentScope(), null);
  });

  it("runs hooks on complete gradients, and takes what they return", () => {
    const x = leaf([1, 1]);
    const y = x.mul(2);
    const seen: unknown[] = [];
    const hook = y.registerHook((g) => {
      seen.push(g.tolist());
      return g.mul(10);
    });
    y.sum().add(y.sum()).backward();
    assert.deepEqual([seen, x.grad?.tolist()], [[[2, 2]], [40, 40]]);
    hook.remove();
    assert.throws(
      () => ones([1]).registerHook((g) => g),
      message("registerHook: this tensor does not require a gradient"),
    );
    const bad = leaf([1, 2]);
    bad.registerHook(() => ones([3]));
    assert.throws(() => bad.sum().backward(), message("registerHook: a hook gave a gradient of shape [3]"));
  });

  it("of several tensors at once takes one gradient each", () => {
    const x = leaf([1, 2]);
    autograd.backward([x.sum(), x.square()], [null, tensor([1, 1], { dtype: "float64" })]);
    assert.deepEqual(x.grad?.tolist(), [3, 5]);
  });

  it("adds up, to the bit, what each use of a weight contributes, last use first", () => {
    manualSeed(3);
    for (const [rows, inFeatures] of [
      [[5], 7],
      [[1], 3],
      [[2, 3], 4],
      [[], 6],
      [[300], 2],
    ] as const) {
      const [w, b] = [randn([4, inFeatures], { requiresGrad: true }), randn([4], { requiresGrad: true })];
      const x = randn([...rows, inFeatures], { requiresGrad: true });
      const factors = Array.from({ length: 3 }, () => randn([...rows, 4]));
      const use = (factor: Tensor): Tensor => F.linear(x, w, b).mul(factor).sum();
      factors
        .map(use)
        .reduce((sum, term) => sum.add(term))
        .backward();
      for (const parameter of [w, b, x]) {
        const parts = factors.map((factor) => autograd.grad(use(factor), parameter)[0]!);
        assert.deepEqual(parameter.grad?.tolist(), parts[2]!.add(parts[1]!).add(parts[0]!).tolist());
      }
    }
  });

  it("adds up, to the bit, the products of a scalar that many of them share, each rounded by itself", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const round = dtype === "float32" ? Math.fround : Number;
      const factors = Array.from({ length: 9 }, (_, i) => round(Math.sin(i + 1) * 10 ** (i - 4)));
      const weight = tensor(0.3, { dtype, requiresGrad: true });
      const outer = tensor(0.7, { dtype });
      let total = tensor(0, { dtype });
      for (const factor of factors) total = total.add(weight.mul(tensor(factor, { dtype })).mul(outer));
      // Squared: both operands are one.
      total.add(weight.mul(weight)).backward();
      // d/dw (w² + Σ 0.7 fᵢ w), the last use first.
      let expected = round(0.3);
      expected = round(expected + round(0.3));
      for (const factor of factors.toReversed()) expected = round(expected + round(round(0.7) * factor));
      assert.equal(weight.grad?.item(), expected, dtype);
    }
    // Where one of them is no scalar, what the other gets is summed over all elements.
    const [scale, row] = [tensor(2, { dtype: "float64", requiresGrad: true }), leaf([3, 5])];
    scale.mul(row).add(scale.mul(row)).add(scale.mul(scale)).sum().backward();
    assert.equal(scale.grad?.item(), 2 * 8 + 2 * 4);
    assert.deepEqual(row.grad?.tolist(), [4, 4]);
  });

  it("adds nothing to a gradient that another value waits for as well", () => {
    const [w, b] = [leaf([1, 2]).view(1, 2), leaf([5])];
    const [x, y] = [leaf([3, 4]), leaf([5, 6])];
    const sum = F.linear(x, w, b).add(F.linear(y, w, b));
    sum.backward(tensor([10], { dtype: "float64" }));
    // d/db = 10 + 10, and d/dx = 10 w as if b had not been there.
    assert.deepEqual([b.grad?.tolist(), x.grad?.tolist(), y.grad?.tolist()], [[20], [10, 20], [10, 20]]);
  });

  it("leaves out what was detached, cut by noGrad, or is no float", () => {
    const x = leaf([1, 2]);
    const y = x.mul(x.detach()).sum();
    y.backward();
    assert.deepEqual(x.grad?.tolist(), [1, 2]);
    assert.equal(noGrad(() => x.mul(2)).requiresGrad, false);
    assert.equal(x.gt(0).requiresGrad, false);
    assert.throws(
      () =>
        noGrad(() => {
          throw new Error("out");
        }),
      /out/,
    );
    assert.equal(isGradEnabled(), true);
  });

  it("of detach_ keeps what was made before", () => {
    const x = leaf([1, 2]);
    const h = x.mul(2);
    const before = h.sum();
    h.detach_();
    assert.equal(h.requiresGrad, false);
    before.backward();
    assert.deepEqual(x.grad?.tolist(), [2, 2]);
    h.requiresGrad_();
    h.square().sum().backward();
    assert.deepEqual(h.grad?.tolist(), [4, 8]);
  });
});

describe("autograd.grad", () => {
  it("accumulates nothing, and names what the graph does not reach", () => {
    const [x, y] = [leaf([1, 2]), leaf([3])];
    x.label = "x";
    y.label = "y";
    const [g] = autograd.grad(x.square().sum(), [x]);
    assert.deepEqual([g!.tolist(), x.grad], [[2, 4], null]);
    assert.throws(() => autograd.grad(x.sum(), [y]), message("grad: y was not used"));
    const unused: readonly (Tensor | null)[] = autograd.grad(x.sum(), [y], { allowUnused: true });
    assert.deepEqual(unused, [null]);
    assert.throws(() => autograd.grad(x.sum(), [ones([1])]), message("grad: an input"));
    const z = x.square().sum();
    autograd.grad(z, [x]);
    assert.throws(() => autograd.grad(z, [x]), message("grad: the graph was already run"));
  });

  it("takes gradients of results in the middle, and gradOutputs", () => {
    const x = leaf([1, 2]);
    const h = x.mul(3);
    const [gh] = autograd.grad(h.square(), [h], { gradOutputs: tensor([1, 10], { dtype: "float64" }) });
    assert.deepEqual(gh!.tolist(), [6, 120]);
  });

  // PyTorch gives each of these numbers for the same program.
  it("keeps what it did not go through: d(e^x · g)/dx = e^x · 2e^x", () => {
    const x = leaf([2]);
    const h = x.exp();
    const [g] = autograd.grad(h.square().sum(), [h]);
    h.mul(g!).sum().backward();
    assert.deepEqual(x.grad?.tolist(), [2 * Math.exp(2) ** 2]);
  });

  it("asks nothing of a released graph that it has no need to go through", () => {
    const x = leaf([2]);
    const h = x.exp();
    h.sum().backward();
    const found: number[] = [];
    h.registerHook((g) => void found.push(g.item()));
    const [twice] = autograd.grad(h.square().sum().add(h.sum()), [h]);
    assert.deepEqual(twice!.tolist(), [2 * Math.exp(2) + 1]);
    assert.deepEqual(found, twice!.tolist());
    assert.deepEqual(autograd.grad(h, [h])[0]!.item(), 1);
    // Of results that came later, and of what a handle of its own stands for.
    const later = h.mul(3);
    assert.deepEqual(autograd.grad(later.square().sum(), [later])[0]!.tolist(), [6 * Math.exp(2)]);
    assert.deepEqual(
      autograd.grad(h.square().sum().add(later.sum()), [h, later]).map((g) => g.item()),
      [2 * Math.exp(2) + 3, 1],
    );
  });

  it("refuses a released graph that leads to what it is asked for", () => {
    const x = leaf([2]);
    const first = x.exp();
    const second = first.square();
    second.sum().backward();
    const loss = second.sum().add(first.sum());
    for (const asked of [[x], [second, x], [first], [first, second]]) {
      assert.throws(() => autograd.grad(loss, asked), message("already run and released"));
    }
  });

  it("runs no Function whose result is what it is asked for", () => {
    let ran = 0;
    class Same extends autograd.Function {
      static forward(_: autograd.Context, x: Tensor): Tensor {
        return x.mul(1);
      }
      static backward(_: autograd.Context, g: Tensor): Tensor {
        ran++;
        return g;
      }
    }
    const x = leaf([2]);
    const y = Same.apply(x);
    const [g] = autograd.grad(y.square().sum(), [y]);
    assert.deepEqual([g!.tolist(), ran], [[4], 0]);
    y.sum().backward();
    assert.deepEqual([x.grad?.tolist(), ran], [[1], 1]);
  });

  it("builds Jacobians and Hessians", () => {
    const x = tensor([1, 2], { dtype: "float64" });
    assert.deepEqual(autograd.functional.jacobian((v) => v.mul(v.flip(0)), x).tolist(), [
      [2, 1],
      [2, 1],
    ]);
    assert.deepEqual(autograd.functional.hessian((v) => v.pow(3).sum(), x).tolist(), [
      [6, 0],
      [0, 12],
    ]);
  });
});

describe("checkpoint", () => {
  it("gives the same gradients, with the same random numbers, and runs its function twice", () => {
    const x = tensor([1, 2, 3], { dtype: "float64" });
    const gradient = (wrapped: boolean): [unknown, number] => {
      let calls = 0;
      const w = leaf([0.5, -0.5, 1]);
      const body = (input: Tensor): Tensor => {
        calls++;
        return F.dropout(input.mul(w).exp(), 0.5, true).tanh().mul(w);
      };
      manualSeed(3);
      (wrapped ? checkpoint(body, x) : body(x)).sum().backward();
      return [w.grad?.tolist(), calls];
    };
    const [[plain], [again, calls]] = [gradient(false), gradient(true)];
    assert.deepEqual([again, calls], [plain, 2]);
  });

  it("can be differentiated twice and nested", () => {
    const x = leaf([0.5]);
    const cube = (v: Tensor): Tensor => checkpoint((u: Tensor) => u.mul(u), v).mul(v);
    const [first] = autograd.grad(checkpoint(cube, x).sum(), [x], { createGraph: true });
    first!.sum().backward();
    assert.deepEqual([first!.item(), x.grad?.item()], [0.75, 3]); // 3x², 6x
  });

  it("refuses a function that does something else the second time", () => {
    let calls = 0;
    const x = leaf([1]);
    const y = checkpoint((v: Tensor) => (calls++ === 0 ? v.mul(2).sin() : v.cos()), x);
    assert.throws(() => y.sum().backward(), message("checkpoint: the function did not do the same"));
  });
});
