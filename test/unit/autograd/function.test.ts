import assert from "node:assert/strict";
import { autograd, ones, tensor, type Tensor } from "../../../engine/index.ts";
import { EngineError } from "../../../engine/context/engine-error.ts";

const leaf = (data: number[]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });
const message = (part: string) => (error: unknown) => error instanceof EngineError && error.message.includes(part);

class Cube extends autograd.Function {
  static forward(context: autograd.Context, x: Tensor): Tensor {
    context.saveForBackward(x);
    return x.pow(3);
  }
  static backward(context: autograd.Context, gradient: Tensor): Tensor {
    const [x] = context.savedTensors;
    return gradient.mul(x!.square()).mul(3);
  }
}

describe("a custom Function", () => {
  it("gives its own gradient, and that one's derivative when the graph is kept", () => {
    const x = leaf([1, 2]);
    const [first] = autograd.grad(Cube.apply(x).sum(), [x], { createGraph: true });
    assert.deepEqual(first!.tolist(), [3, 12]); // 3 x²
    first!.sum().backward();
    assert.deepEqual(x.grad?.tolist(), [6, 12]); // 6 x
  });

  it("may take several inputs of any kind, give several outputs, and say what it needs", () => {
    let needs: readonly boolean[] = [];
    class ScaledSumAndProduct extends autograd.Function {
      static forward(context: autograd.Context, x: Tensor, scale: number, y: Tensor): Tensor[] {
        needs = context.needsInputGrad;
        context["scale"] = scale;
        context.saveForBackward(x, y);
        return [x.add(y).mul(scale), x.mul(y)];
      }
      static backward(context: autograd.Context, sum: Tensor, product: Tensor): (Tensor | null)[] {
        const [x, y] = context.savedTensors;
        const scale = context["scale"] as number;
        return [sum.mul(scale).add(product.mul(y!)), null, sum.mul(scale).add(product.mul(x!))];
      }
    }
    const x = leaf([1, 2]);
    const y = tensor([3, 4], { dtype: "float64" });
    const [sum, product] = ScaledSumAndProduct.apply(x, 10, y);
    sum!.sum().add(product!.sum()).backward();
    assert.deepEqual(x.grad?.tolist(), [13, 14]); // 10 + y
    assert.deepEqual([needs, y.grad], [[true, false, false], null]);
  });

  it("may keep anything on its context, under whatever name PyTorch does not have", () => {
    const table = tensor([5, 7], { dtype: "float64" });
    const words = ["dirty", "isDirty", "kept", "materializeGrads", "nonDifferentiable", "saved", "told"];
    class Looked extends autograd.Function {
      static forward(context: autograd.Context, x: Tensor): Tensor {
        for (const word of words) context[word] = table;
        return x.mul(table);
      }
      static backward(context: autograd.Context, gradient: Tensor): Tensor {
        return gradient.mul(context["kept"] as Tensor);
      }
    }
    const x = leaf([1, 2]);
    const y = Looked.apply(x);
    const { kept } = y.ownNode!.custom!.trace([x]);
    y.sum().backward();
    assert.deepEqual(x.grad?.tolist(), [5, 7]);
    assert.deepEqual(
      kept.map(({ label }) => label),
      words.map((word) => `ctx.${word}`),
    );
    assert.equal(table.label, "");
  });

  it("gets zeros for outputs without a gradient, or null when it asks for that", () => {
    const seen: (readonly unknown[])[] = [];
    class Twice extends autograd.Function {
      static forward(context: autograd.Context, x: Tensor, materialize: boolean): Tensor[] {
        context.setMaterializeGrads(materialize);
        return [x.mul(1), x.mul(2)];
      }
      static backward(_: autograd.Context, a: Tensor | null, b: Tensor | null): (Tensor | null)[] {
        seen.push([a?.tolist() ?? null, b?.tolist() ?? null]);
        return [a, null];
      }
    }
    for (const materialize of [true, false])
      Twice.apply(leaf([5]), materialize)[0]!
        .sum()
        .backward();
    assert.deepEqual(seen, [
      [[1], [0]],
      [[1], null],
    ]);
  });

  it("may mark outputs as having no gradient", () => {
    class Sorted extends autograd.Function {
      static forward(context: autograd.Context, x: Tensor): Tensor[] {
        const { values, indices } = x.sort();
        const ranks = indices.double();
        context.markNonDifferentiable(ranks);
        return [values, ranks];
      }
      static backward(_: autograd.Context, gradient: Tensor): Tensor {
        return gradient;
      }
    }
    const [values, ranks] = Sorted.apply(leaf([2, 1]));
    assert.deepEqual([values!.requiresGrad, ranks!.requiresGrad], [true, false]);
  });

  it("may change an input in place, of a view with its base", () => {
    class AddOne extends autograd.Function {
      static forward(context: autograd.Context, x: Tensor): Tensor {
        x.add_(1);
        context.markDirty(x);
        return x;
      }
      static backward(_: autograd.Context, gradient: Tensor): Tensor {
        return gradient.mul(7);
      }
    }
    const x = leaf([1, 1]);
    const y = x.mul(2);
    assert.equal(AddOne.apply(y), y);
    y.sum().backward();
    assert.deepEqual(
      [y.tolist(), x.grad?.tolist()],
      [
        [3, 3],
        [14, 14],
      ],
    );
    const z = leaf([1, 1]);
    const base = z.mul(2);
    AddOne.apply(base.narrow(0, 0, 1));
    base.sum().backward();
    assert.deepEqual(
      [base.tolist(), z.grad?.tolist()],
      [
        [3, 2],
        [14, 2],
      ],
    );
    assert.throws(() => AddOne.apply(leaf([1])), message("AddOne: a leaf that requires a gradient"));
  });

  it("that gives its input back is a node of its own", () => {
    class Reversed extends autograd.Function {
      static forward(_: autograd.Context, x: Tensor): Tensor {
        return x;
      }
      static backward(_: autograd.Context, gradient: Tensor): Tensor {
        return gradient.neg();
      }
    }
    const x = leaf([1, 2]);
    const y = Reversed.apply(x);
    assert.notEqual(y, x);
    y.sum().backward();
    assert.deepEqual(x.grad?.tolist(), [-1, -1]);
  });

  it("is held to the number and shapes of its gradients, by its name", () => {
    class Wrong extends autograd.Function {
      static forward(context: autograd.Context, x: Tensor, how: string): Tensor {
        context["how"] = how;
        return x.mul(2);
      }
      static backward(context: autograd.Context, gradient: Tensor): (Tensor | null)[] {
        if (context["how"] === "too few") return [gradient];
        if (context["how"] === "nothing") return undefined as unknown as Tensor[];
        if (context["how"] === "too many") return [gradient, null, gradient];
        return [context["how"] === "shape" ? ones([3]) : gradient, context["how"] === "string" ? gradient : null];
      }
    }
    const run = (how: string) => () =>
      Wrong.apply(leaf([1, 2]), how)
        .sum()
        .backward();
    assert.throws(run("too few"), message("Wrong: backward returned 1 gradient, but forward takes 2 arguments"));
    assert.throws(run("nothing"), message("Wrong: backward returned nothing"));
    assert.throws(run("too many"), message("Wrong: backward returned 3 gradients"));
    assert.throws(
      run("shape"),
      message("Wrong: backward gave a gradient of shape [3] for input 0, which has shape [2]"),
    );
    assert.throws(run("string"), message("Wrong: backward returned a gradient for argument 1, which is not a tensor"));
    run("none")();
  });

  it("refuses a saved tensor that was changed in place since", () => {
    const y = leaf([1, 2]).mul(1);
    const z = Cube.apply(y).sum();
    y.add_(1);
    assert.throws(() => z.backward(), message("Cube: a tensor saved for backward was changed in place"));
  });
});
