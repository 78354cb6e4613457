import assert from "node:assert/strict";
import { nn, optim, randn, zeros, type Tensor } from "../../../engine/index.ts";

const { utils } = nn;

describe("lazy layers", () => {
  it("become ordinary ones at the first call, with the parameters that an optimizer holds already", () => {
    const net = new nn.Sequential(new nn.LazyLinear(3), new nn.ReLU(), new nn.LazyLinear(1));
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
    net.forward(randn(4, 5)).square().sum().backward();
    const first = [...net.children()][0] as nn.Linear;
    assert.equal(first.constructor, nn.Linear);
    assert.equal(first.inFeatures, 5);
    const before = first.weight.tolist();
    optimizer.step();
    assert.notDeepEqual(first.weight.tolist(), before);
  });

  it("keep waiting for their sizes in another dtype", () => {
    const layer = new nn.LazyBatchNorm1d().to("float64");
    const out = layer.forward(randn([4, 2], { dtype: "float64" }));
    assert.deepEqual([out.dtype, layer.weight!.shape, layer.runningVar!.dtype], ["float64", [2], "float64"]);
  });

  it("say what they need of x", () => {
    assert.throws(() => new nn.LazyConv2d(2, 3).forward(zeros(2, 2)), /LazyConv2d: x \[2, 2\] has too few axes/);
    assert.throws(
      () => new nn.LazyConv1d(4, 1, { groups: 2 }).forward(zeros(1, 3, 5)),
      /3 and 4 channels do not divide into 2 groups/,
    );
  });
});

describe("weights that are computed from others", () => {
  it("are parameters again, with the same value, once they are not", () => {
    const x = randn(2, 3);
    for (const [put, remove] of [
      [utils.weightNorm, utils.removeWeightNorm],
      [utils.spectralNorm, utils.removeSpectralNorm],
      [utils.parametrizations.weightNorm, (m: nn.Linear) => utils.parametrize.removeParametrizations(m, "weight")],
      [utils.parametrizations.spectralNorm, (m: nn.Linear) => utils.parametrize.removeParametrizations(m, "weight")],
    ] as const) {
      const layer: nn.Linear = put(new nn.Linear(3, 2)).eval();
      const out = layer.forward(x).tolist();
      const computed = layer.weight.tolist();
      remove(layer);
      assert.deepEqual([layer.weight.tolist(), layer.forward(x).tolist()], [computed, out]);
      assert.deepEqual(Object.keys(layer.stateDict()).toSorted(), ["bias", "weight"]);
      assert.ok(layer.weight instanceof nn.Parameter);
    }
  });

  it("leave the parameter the one that an optimizer holds, where a single one is learned in its place", () => {
    const x = randn(2, 3);
    for (const [put, remove] of [
      [utils.parametrizations.spectralNorm, true],
      [utils.parametrizations.spectralNorm, false],
    ] as const) {
      const layer = new nn.Linear(3, 2);
      const { weight } = layer;
      const before = weight.tolist();
      put(layer);
      assert.equal([...layer.parameters()].includes(weight), true);
      const divided = layer.eval().weight.tolist();
      utils.parametrize.removeParametrizations(layer, "weight", { leaveParametrized: remove });
      assert.equal(layer.weight, weight);
      assert.deepEqual(layer.weight.tolist(), remove ? divided : before);
      layer.forward(x).sum().backward();
      assert.deepEqual(layer.weight.grad!.shape, [2, 3]);
      assert.deepEqual(
        [...layer.namedParameters()].map(([name]) => name),
        ["bias", "weight"],
      );
      const optimizer = new optim.SGD([weight], { lr: 0.1 });
      optimizer.step();
      assert.notDeepEqual(layer.weight.tolist(), remove ? divided : before);
    }
    const old = new nn.Linear(3, 2);
    const { weight } = old;
    utils.spectralNorm(old);
    assert.equal(Reflect.get(old, "weight_orig"), weight);
    const two = utils.parametrizations.weightNorm(new nn.Linear(3, 2));
    const originals = [...two.parameters()];
    utils.parametrize.removeParametrizations(two, "weight");
    assert.equal(originals.includes(two.weight), false);
  });

  it("leave a parameter as it was, where a parametrization is refused", () => {
    class Halves extends nn.Module {
      override forward(w: Tensor): Tensor {
        return w.narrow(0, 0, 1);
      }
      rightInverse(w: Tensor): Tensor {
        return w.neg();
      }
    }
    const layer = new nn.Linear(3, 2);
    const before = layer.weight.tolist();
    assert.throws(() => utils.parametrize.registerParametrization(layer, "weight", new Halves()), /Halves makes/);
    assert.deepEqual(layer.weight.tolist(), before);
  });

  it("iterate in training alone, and not when they are taken away", () => {
    const x = randn(2, 3);
    const old = utils.spectralNorm(new nn.Linear(3, 2));
    const vector = (): unknown => (Reflect.get(old, "weight_u") as Tensor).tolist();
    const started = vector();
    old.eval().forward(x);
    assert.deepEqual(vector(), started);
    old.train().forward(x);
    assert.notDeepEqual(vector(), started);
    const shown = old.weight.tolist();
    utils.removeSpectralNorm(old);
    assert.deepEqual(old.weight.tolist(), shown);

    const layer = utils.parametrizations.spectralNorm(new nn.Linear(3, 2).eval());
    const lists = Reflect.get(layer, "parametrizations") as nn.ModuleDict<nn.utils.parametrize.ParametrizationList>;
    const step = [...lists.get("weight").children()][0]!;
    assert.equal(step.training, false);
    const before = (Reflect.get(step, "_u") as Tensor).tolist();
    const value = layer.weight.tolist();
    assert.deepEqual([(Reflect.get(step, "_u") as Tensor).tolist(), layer.weight.tolist()], [before, value]);
    utils.parametrize.removeParametrizations(layer, "weight");
    assert.deepEqual(layer.weight.tolist(), value);
  });

  it("take a value that is assigned through the inverse of what computes them", () => {
    const layer = utils.parametrizations.weightNorm(new nn.Linear(3, 2));
    assert.equal(utils.parametrize.isParametrized(layer, "weight"), true);
    assert.equal(utils.parametrize.isParametrized(layer, "bias"), false);
    const value: Tensor = randn(2, 3);
    Reflect.set(layer, "weight", value);
    assert.ok(layer.weight.sub(value).abs().max().item() < 1e-6);
  });

  it("say what they were asked for in vain", () => {
    const net = new nn.Sequential(new nn.Linear(2, 2));
    assert.throws(() => utils.weightNorm(net), /Sequential has no parameter "weight".*give it the layer itself/s);
    assert.throws(() => utils.weightNorm(new nn.Linear(2, 2), "wight"), /no parameter "wight".*it has weight, bias/s);
    assert.throws(() => utils.weightNorm(utils.weightNorm(new nn.Linear(2, 2))), /no parameter "weight"/);
    assert.throws(() => utils.removeWeightNorm(new nn.Linear(2, 2)), /"weight" of this Linear does not have it/);
    assert.throws(() => utils.rnn.padPackedSequence(zeros(2, 2) as never), /expected a PackedSequence/);
    class Wider extends nn.Module {
      override forward(w: Tensor): Tensor {
        return w.repeat([2, 1]);
      }
    }
    assert.throws(
      () => utils.parametrize.registerParametrization(new nn.Linear(2, 2), "weight", new Wider()),
      /Wider makes float32 \[4, 2\] of a parameter that is float32 \[2, 2\].*unsafe/s,
    );
  });
});
