import assert from "node:assert/strict";
import fc from "fast-check";
import { arange, cat, einsum, ones, stack, tensor, Tensor, where, zeros } from "../../../engine/index.ts";
import { EngineError } from "../../../engine/context/engine-error.ts";

/** Asserts that `body` is refused by an EngineError with exactly this message. */
function refuses(body: () => unknown, message: string): void {
  assert.throws(body, (error) => error instanceof EngineError && (assert.equal(error.message, message), true));
}

describe("what PyTorch refuses is refused, by the op's name, the shapes and the fix", () => {
  it("of shapes", () => {
    const [x, w] = [ones([64, 784]), ones([128, 784])];
    w.label = "w";
    refuses(() => x.matmul(w), "matmul: inner sizes differ, [64, 784] · [128, 784]; did you mean w.t()?");
    refuses(() => ones([2, 3]).add(ones([4])), "add: shapes [2, 3] and [4] do not broadcast: axis 1 has sizes 3 and 4");
    refuses(() => ones([2, 3]).view(4, -1), "view: [2, 3] has 6 elements, which do not fit into [4, -1]");
    refuses(
      () => ones([2, 3]).t().view(6),
      "view: a tensor of shape [3, 2] with strides [1, 3] cannot be viewed as [6] without copying; use .reshape(...)",
    );
    refuses(() => ones([2, 3]).sum(2), "sum: dim 2 is out of range: a tensor of rank 2 has dims -2 … 1");
    refuses(() => zeros([0, 3]).amax(0), "amax: dim 0 of [0, 3] has no elements to choose from");
    refuses(
      () => cat([ones([2, 3]), ones([3, 3])], 1),
      "cat: all tensors must agree but along dim 1: the first is [2, 3], number 1 [3, 3]",
    );
    refuses(
      () => stack([ones([2]), ones([3])]),
      "stack: all tensors must have one shape: the first is [2], number 1 [3]",
    );
    refuses(() => einsum("ij,jk", ones([2, 3])), 'einsum: "ij,jk" names 2 operands, 1 were given');
  });

  it("of indices", () => {
    refuses(() => ones([3]).select(0, 3), "select: index 3 is out of range for dim 0 of [3]");
    refuses(
      () => ones([3]).gather(0, tensor([0])),
      'gather: an index must be an int64 tensor, this is float32; convert it with .long(), or create it with { dtype: "int64" }',
    );
    refuses(() => ones([3]).index([arange(4)]), "index: index 3 is out of range for axis 0 of size 3");
    refuses(() => ones([3]).topk(5), "topk: k = 5 is out of range for dim -1 of [3]");
  });

  it("of dtypes", () => {
    const flags = tensor([true, false]);
    refuses(() => flags.sub(flags), "sub: not defined between two bool tensors; use .logicalXor(...)");
    refuses(() => flags.neg(), "neg: not defined for bool tensors; use .logicalNot()");
    refuses(
      () => arange(2).mean(),
      "mean: only defined for floating-point tensors, this is int64; convert it with .float()",
    );
    refuses(
      () => arange(2).pow(-1),
      "pow: integers cannot be raised to the negative power -1; convert them with .float()",
    );
    refuses(
      () => arange(2).requiresGrad_(),
      "requiresGrad: only floating-point tensors can require a gradient, this is int64; convert it with .float()",
    );
    refuses(
      () => where(arange(2), ones([2]), ones([2])),
      "where: the condition must be a bool tensor, this is int64; compare it, as in condition.ne(0)",
    );
    refuses(
      () => ones([2]).matmul(arange(2)),
      'matmul: expected two tensors of one dtype, found float32 and int64; convert one with .to("float32") or .to("float64")',
    );
  });

  it("of values that JavaScript lets through", () => {
    const x = ones([2]);
    refuses(() => Reflect.apply(x.add, x, [undefined]), "add: expected a tensor or a number, got undefined");
    refuses(() => Reflect.apply(x.mul, x, ["a"]), "mul: expected a tensor or a number, got a string");
    refuses(() => x.reshape(NaN), "reshape: expected whole numbers, got NaN");
    refuses(() => zeros([-1]), "zeros: negative size -1 in [-1]");
    refuses(() => zeros([1.5]), "zeros: sizes must be whole numbers, got 1.5");
    refuses(() => tensor([[1, 2], [3]]), "tensor: the arrays are ragged: expected 2 entries along axis 1, found 1");
    refuses(
      () => x.maximum(0 as unknown as Tensor),
      "maximum: expected a tensor, got 0; use .clamp({ min }) or .clamp({ max }) with a number",
    );
  });
});

describe("no method lets nonsense through to an error of the engine's own", () => {
  const nonsense = fc.constantFrom<unknown[]>(
    ...[undefined, null, "a", NaN, Infinity, -1, 0, 1, 2, 1.5, true, {}, [], [0], [1, 1], ["a"], [null], [NaN]],
    ...[() => 1, new Date(), { dtype: "x" }, { min: "a" }, tensor([1, 2]), arange(2), tensor([true, false])],
    tensor(1),
  );
  const receivers = fc.constantFrom(
    tensor(3),
    tensor([1, 2]),
    tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    ).mul(1),
    arange(2),
    tensor([true, false]),
    zeros([0, 3]),
  );
  const methods = Object.entries(Object.getOwnPropertyDescriptors(Tensor.prototype)).flatMap(([name, { value }]) =>
    typeof value === "function" && name !== "constructor" ? [name] : [],
  );
  it(`of ${methods.length} methods`, () => {
    const call = fc.tuple(fc.constantFrom(...methods), receivers, fc.array(nonsense, { maxLength: 3 }));
    fc.assert(
      fc.property(call, ([name, receiver, args]) => {
        const x = name.endsWith("_") ? receiver.clone() : receiver;
        try {
          Reflect.apply(Reflect.get(x, name) as () => unknown, x, args);
        } catch (error) {
          assert.ok(error instanceof EngineError, `${name}: ${String(error)}`);
        }
      }),
      { numRuns: 3000 },
    );
  }).timeout(60_000);
});
