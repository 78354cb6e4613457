import assert from "node:assert/strict";
import { F, nn, noGrad, ones, randn, tensor, type Tensor } from "../../../engine/index.ts";

/** The paths of the modules that made the nodes behind a tensor, with class and call. */
function scopes(output: Tensor): string[] {
  const found = new Set<string>();
  const visit = (tensor: Tensor): void => {
    const { node } = tensor;
    if (!node) return;
    const { scope } = node;
    if (scope) found.add(`${scope.path}:${scope.type}:${scope.call}`);
    node.inputs.forEach(visit);
  };
  visit(output);
  return [...found].toSorted();
}

const names = (module: nn.Module): string[] => [...module.namedParameters()].map(([name]) => name);

class Block extends nn.Module {
  fc = new nn.Linear(3, 3);

  override forward(x: Tensor): Tensor {
    return F.relu(this.fc.forward(x));
  }
}

class Net extends nn.Module {
  first = new Block();
  blocks = new nn.ModuleList([new Block(), new Block()]);
  scale = new nn.Parameter(randn([3]));

  override forward(x: Tensor): Tensor {
    let out = this.first.forward(x);
    for (const block of this.blocks) out = block.forward(out);
    return out.mul(this.scale);
  }
}

describe("a module", () => {
  it("finds parameters in fields, arrays, objects and maps, but no modules in such, in the order of definition", () => {
    class Holder extends nn.Module {
      b = new nn.Parameter(randn([1]));
      list = [new nn.Linear(1, 1, { bias: false }), new nn.Parameter(randn([1]))];
      heads = { left: new nn.Parameter(randn([1])), right: new nn.Linear(1, 1, { bias: false }) };
      table = new Map([["x", new nn.Parameter(randn([1]))]]);
      layers = new nn.ModuleList([new nn.Linear(1, 1, { bias: false })]);
      a = new nn.Parameter(randn([1]));
      data = [1, 2, 3];
    }
    assert.deepEqual(names(new Holder()), ["b", "list.1", "heads.left", "table.x", "layers.0.weight", "a"]);
  });

  it("answers an index in brackets from either end, as PyTorch's lists do, also past the sixty-fourth", () => {
    const layers = Array.from({ length: 70 }, () => new nn.Linear(1, 1));
    for (const list of [new nn.Sequential(...layers), new nn.ModuleList(layers)]) {
      assert.deepEqual([list[0], list[-1], list[69], list[-70]], [layers[0], layers[69], layers[69], layers[0]]);
      assert.deepEqual(Object.keys(list), ["training"], "an index is no field");
    }
    const parameters = new nn.ParameterList([ones([1]), ones([2])]);
    assert.deepEqual(parameters[-1]!.shape, [2]);
  });

  it("takes another entry in brackets, under the same path", () => {
    const net = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU());
    net[-1] = new nn.Linear(3, 4);
    assert.deepEqual(names(net), ["0.weight", "0.bias", "1.weight", "1.bias"]);
    assert.deepEqual(net.forward(randn([5, 2])).shape, [5, 4]);
    const list = new nn.ModuleList<nn.Module>([new nn.Tanh()]);
    list[0] = new nn.ReLU();
    assert.equal(String(list), "ModuleList(\n  (0): ReLU()\n)");
    const parameters = new nn.ParameterList([ones([1])]);
    parameters.set(0, ones([3]));
    assert.deepEqual(
      [...parameters.parameters()].map(({ shape }) => shape),
      [[3]],
    );
  });

  it("refuses an index in brackets that is out of range, and a value that is no module", () => {
    const net = new nn.Sequential(new nn.ReLU());
    const refused = (message: string) => ({ name: "BackstepError", message });
    assert.throws(() => net[1], refused("Sequential: index 1 is out of range, it holds 1 modules"));
    assert.throws(() => net[-2], refused("Sequential: index -2 is out of range, it holds 1 modules"));
    assert.throws(() => new nn.ModuleList()[0], refused("ModuleList: index 0 is out of range, it holds 0 modules"));
    assert.throws(
      () => new nn.ParameterList()[0],
      refused("ParameterList: index 0 is out of range, it holds 0 parameters"),
    );
    assert.throws(() => {
      net[1] = new nn.ReLU();
    }, refused("Sequential: index 1 is out of range, it holds 1 modules"));
    assert.throws(() => {
      net[0] = F.relu as unknown as (typeof net)[0];
    }, /Sequential: expected a module, found function/u);
  });

  it("lists a parameter that is in two places once", () => {
    class Tied extends nn.Module {
      embed = new nn.Embedding(4, 3);
      readout = new nn.Linear(3, 4, { bias: false });
      constructor() {
        super();
        this.readout.weight = this.embed.weight;
      }
    }
    assert.deepEqual(names(new Tied()), ["embed.weight"]);
  });

  it("names its parameters by their path in the outermost module", () => {
    const net = new Net();
    net.forward(randn([2, 3]));
    assert.equal(net.blocks.get(1).fc.weight.label, "blocks.1.fc.weight");
    net.blocks.get(1).forward(randn([2, 3]));
    assert.equal(net.blocks.get(1).fc.weight.label, "blocks.1.fc.weight");
  });

  it("puts path, class and call on the tape", () => {
    const net = new Net();
    const out = net.forward(randn([2, 3]));
    assert.deepEqual(scopes(out), [
      ":Net:0",
      "blocks.0.fc:Linear:0",
      "blocks.0:Block:0",
      "blocks.1.fc:Linear:0",
      "blocks.1:Block:0",
      "first.fc:Linear:0",
      "first:Block:0",
    ]);
    out.sum().backward();
    assert.ok(scopes(net.forward(randn([2, 3]))).includes("first:Block:0"), "calls count from 0 in each pass");
  });

  it("counts the calls of a module that runs several times", () => {
    class Twice extends nn.Module {
      fc = new nn.Linear(3, 3);
      override forward(x: Tensor): Tensor {
        return this.fc.forward(this.fc.forward(x));
      }
    }
    assert.deepEqual(scopes(new Twice().forward(randn([3]))), ["fc:Linear:0", "fc:Linear:1"]);
  });

  it("notes calls of a forward that is an arrow function in a field", () => {
    class Arrow extends nn.Module {
      fc = new nn.Linear(3, 3);
      override forward = (x: Tensor): Tensor => this.fc.forward(x).relu();
    }
    class Outer extends nn.Module {
      inner = new Arrow();
      override forward(x: Tensor): Tensor {
        return this.inner.forward(x);
      }
    }
    assert.deepEqual(scopes(new Outer().forward(randn([3]))), ["inner.fc:Linear:0", "inner:Arrow:0"]);
  });

  it("names a module that is made inside forward by its class", () => {
    class Maker extends nn.Module {
      override forward(x: Tensor): Tensor {
        return new nn.Linear(3, 2).forward(x);
      }
    }
    assert.deepEqual(scopes(new Maker().forward(randn([3]))), ["Linear:Linear:0"]);
  });

  it("names the children of Sequential 0, 1, 2", () => {
    const net = new nn.Sequential(new nn.Linear(3, 3), new nn.ReLU(), new nn.Linear(3, 1));
    assert.deepEqual(names(net), ["0.weight", "0.bias", "2.weight", "2.bias"]);
    assert.deepEqual(scopes(net.forward(randn([2, 3]))), ["0:Linear:0", "1:ReLU:0", "2:Linear:0"]);
  });

  it("gives the modules of a ModuleDict as attributes too, and registers what is assigned to one", () => {
    const layers = new nn.ModuleDict({ wte: new nn.Linear(1, 1, { bias: false }), get: new nn.Identity() });
    const attributes = layers as unknown as Record<string, nn.Module>;
    assert.equal(attributes["wte"], layers.get("wte"));
    assert.equal(typeof layers.get, "function");
    const other = new nn.Linear(2, 2, { bias: false });
    attributes["wte"] = other;
    assert.equal(layers.get("wte"), other);
    attributes["head"] = new nn.Linear(1, 1, { bias: false });
    layers.addModule("tail", new nn.Linear(1, 1, { bias: false }));
    assert.deepEqual(names(layers).sort(), ["head.weight", "tail.weight", "wte.weight"]);
    assert.equal(layers.size, 3);
  });

  it("switches everything inside between training and evaluation", () => {
    const net = new nn.Sequential(new nn.Dropout(0.5), new nn.Sequential(new nn.Dropout(0.9)));
    net.eval();
    assert.deepEqual(net.forward(tensor([1, 2, 3])).toArray(), [1, 2, 3]);
    assert.ok([...net.train().modules()].every((module) => module.training));
  });

  it("takes a state dict back, under PyTorch's names too", () => {
    const norm = new nn.BatchNorm1d(2);
    assert.deepEqual(Object.keys(norm.stateDict()), [
      "weight",
      "bias",
      "running_mean",
      "running_var",
      "num_batches_tracked",
    ]);
    norm.loadStateDict({ ...norm.stateDict(), running_mean: tensor([5, 6]) });
    assert.deepEqual(norm.runningMean!.toArray(), [5, 6]);
    const net = new Net();
    const copy = new Net();
    copy.loadStateDict(net.stateDict());
    const x = randn([2, 3]);
    assert.deepEqual(copy.forward(x).toArray(), net.forward(x).toArray());
  });

  it("keeps what its own state holds, which recorded passes show as well", () => {
    const linear = new nn.Linear(2, 2);
    const [weight, bias] = [linear.weight.toArray(), linear.bias!.toArray()];
    // The pass is kept, so that a write goes to other memory; what was there is anything.
    linear
      .forward(randn([3, 2]))
      .sum()
      .backward();
    linear.loadStateDict(linear.stateDict());
    assert.deepEqual([linear.weight.toArray(), linear.bias!.toArray()], [weight, bias]);
  });

  it("refuses a state dict that lacks a key, has one too many, or another shape", () => {
    const linear = new nn.Linear(2, 1);
    const state = linear.stateDict();
    assert.throws(() => linear.loadStateDict({ weight: state["weight"]! }), /misses bias/);
    assert.throws(() => linear.loadStateDict({ ...state, extra: state["bias"]! }), /no extra/);
    assert.throws(() => linear.loadStateDict({ ...state, bias: tensor([1, 2]) }), /bias has shape \[2\]/);
    const result = linear.loadStateDict({ weight: state["weight"]! }, { strict: false });
    assert.deepEqual(result.missingKeys, ["bias"]);
  });

  it("runs hooks before and after forward and in the backward pass", () => {
    const linear = new nn.Linear(2, 1);
    nn.init.ones_(linear.weight);
    const seen: string[] = [];
    linear.registerForwardPreHook((_, [x]) => {
      seen.push("before");
      return [(x as Tensor).mul(2)];
    });
    linear.registerForwardHook((_, __, output) => {
      seen.push("after");
      return (output as Tensor).mul(10);
    });
    linear.registerFullBackwardHook((_, gradInput, gradOutput) => {
      seen.push(`backward ${gradOutput[0]!.shape.join()} ${gradInput[0]!.toArray().join()}`);
    });
    const x = tensor([[1, 2]], { requiresGrad: true });
    linear.forward(x).sum().backward();
    // d/dx of 10 · (w · 2x) is 20, of which the module sees 10 for its own argument 2x.
    assert.deepEqual(seen, ["before", "after", "backward 1,1 10,10"]);
    assert.deepEqual(x.grad!.toArray(), [20, 20]);
  });

  it("converts to float64, and sets gradients to null", () => {
    const linear = new nn.Linear(2, 1).double();
    assert.equal(linear.weight.dtype, "float64");
    linear
      .forward(tensor([1, 2], { dtype: "float64" }))
      .sum()
      .backward();
    assert.ok(linear.weight.grad);
    linear.zeroGrad();
    assert.equal(linear.weight.grad, null);
  });

  it("starts as PyTorch does: weights of a linear layer uniform on ±1/√in", () => {
    const values = new nn.Linear(100, 200).weight.toArray();
    assert.ok(values.every((value) => Math.abs(value) <= 0.1));
    const spread = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    assert.ok(Math.abs(spread - 0.1 / Math.sqrt(3)) < 0.002, String(spread));
  });

  it("says that forward is missing, and that a child is no module", () => {
    assert.throws(() => new nn.Module().forward(), /Module: the module has no forward/);
    assert.throws(() => new nn.Sequential(F.relu as unknown as nn.Module), /expected a module, found function/);
  });

  it("prints as its class, what it was made with, and what is inside", () => {
    assert.equal(
      String(new nn.Sequential(new nn.Linear(3, 2), new Block())),
      [
        "Sequential(",
        "  (0): Linear(inFeatures=3, outFeatures=2)",
        "  (1): Block(",
        "    (fc): Linear(inFeatures=3, outFeatures=3)",
        "  )",
        ")",
      ].join("\n"),
    );
  });

  it("makes orthonormal rows", () => {
    const q = nn.init.orthogonal_(randn([3, 5], { dtype: "float64" }));
    const gram = noGrad(() => q.matmul(q.t()).toArray());
    [1, 0, 0, 0, 1, 0, 0, 0, 1].forEach((expected, i) => assert.ok(Math.abs(gram[i]! - expected) < 1e-12));
  });
});
