import assert from "node:assert/strict";
import { arange, noGrad, ones, tensor, zeros, type Tensor } from "../../../engine/index.ts";
import { EngineError } from "../../../engine/context/engine-error.ts";

const leaf = (data: number[]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });
const constant = (data: number[]): Tensor => tensor(data, { dtype: "float64" });

/** Asserts that `body` is refused with a message that holds all of `parts`. */
function assertRefused(body: () => unknown, ...parts: readonly string[]): EngineError {
  try {
    body();
  } catch (error) {
    assert.ok(error instanceof EngineError, String(error));
    for (const part of parts) assert.ok(error.message.includes(part), `"${error.message}" lacks "${part}"`);
    return error;
  }
  return assert.fail(`accepted; expected "${parts.join(" … ")}"`);
}

describe("writing in place", () => {
  it("gives the gradient of the functional form", () => {
    const x = leaf([1, 2]);
    const w = leaf([3, 4]);
    const y = x.mul(2);
    assert.equal(y.mul_(w), y);
    y.sum().backward();
    assert.deepEqual(y.tolist(), [6, 16]);
    assert.deepEqual(x.grad?.tolist(), [6, 8]); // 2 w
    assert.deepEqual(w.grad?.tolist(), [2, 4]); // 2 x, from before the write
  });

  it("keeps the result that a rule needs: exp_, tanh_, sqrt_", () => {
    const x = leaf([0, 1]);
    x.mul(2).exp_().sum().backward();
    assert.deepEqual(x.grad?.tolist(), [2, 2 * Math.exp(2)]);
  });

  it("leaves what was computed before alone", () => {
    const x = leaf([1, 1]);
    const h = x.mul(2);
    const before = h.add(1).sum();
    h.mul_(5);
    before.add(h.sum()).backward();
    assert.deepEqual(x.grad?.tolist(), [12, 12]); // 2 through `before`, 10 through h
  });

  it("makes a constant part of the graph from then on, not before", () => {
    const w = leaf([1, 1]);
    const buffer = zeros([2], { dtype: "float64" });
    const early = buffer.add(w).sum();
    buffer.add_(w);
    early.add(buffer.sum().mul(10)).backward();
    assert.deepEqual(w.grad?.tolist(), [11, 11]);
    assert.equal(buffer.grad, null);
  });

  it("by zero_, fill_ and copy_ cuts the old value off with zeros, not with nothing", () => {
    const x = leaf([1, 2]);
    x.mul(3).zero_().sum().backward();
    assert.deepEqual(x.grad?.tolist(), [0, 0]);
    const y = leaf([1, 2]);
    const source = leaf([5]);
    y.mul(3).copy_(source).sum().backward();
    assert.deepEqual([y.grad?.tolist(), source.grad?.tolist()], [[0, 0], [2]]);
  });

  it("through a view changes the base and its gradient", () => {
    const x = leaf([1, 2, 3, 4]);
    const base = x.mul(1);
    base.narrow(0, 1, 2).mul_(10);
    assert.deepEqual(base.tolist(), [1, 20, 30, 4]);
    base.square().sum().backward();
    assert.deepEqual(x.grad?.tolist(), [2, 400, 600, 8]); // 2 x c²
  });

  it("shows in every view of the base", () => {
    const x = leaf([1, 2, 3, 4]);
    const base = x.mul(1).view(2, 2);
    const [column, row] = [base.select(1, 0), base.select(0, 1)];
    row.mul_(3);
    assert.deepEqual(column.tolist(), [1, 9]);
    column.sum().backward();
    assert.deepEqual(x.grad?.tolist(), [1, 0, 3, 0]);
  });

  it("keeps what a view was for those who used it before", () => {
    const x = leaf([1, 1, 1, 1]);
    const base = x.mul(2);
    const view = base.narrow(0, 0, 2);
    const early = view.mul(3);
    base.mul_(5);
    view.sum().add(early.sum()).backward();
    assert.deepEqual(x.grad?.tolist(), [16, 16, 0, 0]); // 2 · 5 + 2 · 3
  });

  it("fills a buffer row by row", () => {
    const x = arange(6, { dtype: "float64" }).requiresGrad_();
    const out = zeros([3, 2], { dtype: "float64" });
    for (let i = 0; i < 3; i++) out.select(0, i).copy_(x.narrow(0, 2 * i, 2).mul(i + 1));
    out.square().sum().backward();
    assert.deepEqual(x.grad?.tolist(), [0, 2, 16, 24, 72, 90]); // 2 (i + 1)² x
  });

  it("works through a transpose, and with the tensor itself as operand", () => {
    const x = arange(4, { dtype: "float64" }).requiresGrad_();
    const base = x.mul(1).view(2, 2);
    base.t().select(0, 1).mul_(10);
    assert.deepEqual(base.tolist(), [
      [0, 10],
      [2, 30],
    ]);
    base.add_(base);
    base.sum().backward();
    assert.deepEqual(x.grad?.tolist(), [2, 20, 2, 20]);
  });

  it("on a leaf inside noGrad changes values alone", () => {
    const x = leaf([1, 2]);
    noGrad(() => x.sub_(constant([1, 1])));
    assert.deepEqual([x.tolist(), x.isLeaf, x.requiresGrad], [[0, 1], true, true]);
  });

  it("is seen by detached tensors, which share the elements", () => {
    const x = leaf([1, 2]);
    const detached = x.detach();
    noGrad(() => x.mul_(10));
    assert.deepEqual(detached.tolist(), [10, 20]);
  });

  it("moves retained gradients to the new value, and leaves hooks with the old", () => {
    const x = leaf([1, 1]);
    const y = x.mul(2);
    y.retainGrad();
    const seen: unknown[] = [];
    y.registerHook((g) => void seen.push(g.tolist()));
    y.mul_(3);
    y.sum().backward();
    assert.deepEqual([y.grad?.tolist(), seen, x.grad?.tolist()], [[1, 1], [[3, 3]], [6, 6]]);
  });

  it("is refused where PyTorch refuses it", () => {
    assertRefused(() => leaf([1]).add_(1), "add_:", "a leaf that requires a gradient", "noGrad");
    assertRefused(() => leaf([1, 2]).narrow(0, 0, 1).mul_(2), "mul_:", "a view of a leaf");
    assertRefused(() => ones([4]).add_(ones([2, 4])), "add_:", "[4]", "[2, 4]");
    assertRefused(() => ones([4], { dtype: "int64" }).add_(1.5), "add_:", "int64", "float32");
    assertRefused(() => ones([4], { dtype: "int64" }).div_(2), "div_:", "int64");
    assertRefused(() => ones([2], { dtype: "bool" }).add_(1), "add_:", "bool");
    assertRefused(() => ones([1, 3]).expand(2, 3).add_(1), "add_:", "clone()");
    assertRefused(() => leaf([1, 2]).mul(1).split(1)[0]!.mul_(2), "mul_:", "split");
    assertRefused(
      () => {
        const base = leaf([1, 2]).mul(1);
        noGrad(() => base.narrow(0, 0, 1)).add_(1);
      },
      "add_:",
      "noGrad",
    );
    assertRefused(
      () => {
        const base = leaf([1, 2]).mul(1);
        const [first] = base.split(1);
        base.mul_(2);
        first!.sum();
      },
      "split:",
      "changed in place",
    );
  });

  it("of a value that the backward needs is refused there, with both places", () => {
    const x = leaf([1, 2]);
    const h = x.mul(2);
    h.label = "h";
    const y = h.square().sum();
    h.add_(1);
    const error = assertRefused(() => y.backward(), "square:", "h [2]", "changed in place after it was saved");
    assert.deepEqual(
      error.related.map(({ message }) => message),
      ["square had saved it here"],
    );
    const z = leaf([1, 2]).exp();
    z.mul_(2);
    assertRefused(() => z.sum().backward(), "exp:", "its result");
    const itself = leaf([1, 2]).mul(1);
    itself.mul_(itself);
    assertRefused(() => itself.sum().backward(), "changed in place");
  });
});
