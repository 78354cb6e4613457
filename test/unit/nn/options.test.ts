import assert from "node:assert/strict";
import { data, F, nn, optim, randn, tensor } from "../../../engine/index.ts";

describe("an option that does not exist", () => {
  const x = randn([2, 3]);
  const classes = tensor([0, 1], { dtype: "int64" });

  it("is refused, and in another spelling led to the right one", () => {
    assert.throws(
      () => F.crossEntropy(x, classes, { label_smoothing: 0.1 } as object),
      /crossEntropy: there is no option "label_smoothing"; did you mean labelSmoothing\?/,
    );
    assert.throws(() => F.mseLoss(x, x, { reduce: "sum" } as object), /no option "reduce"; it has reduction/);
    assert.throws(() => new nn.Linear(2, 2, { biass: false } as object), /Linear: .*"biass"; did you mean bias\?/);
    assert.throws(() => new nn.LSTM(2, 2, { num_layers: 2 } as object), /LSTM: .*did you mean numLayers\?/);
    assert.throws(() => new optim.SGD([x], { lr: 1, momentom: 0.9 } as object), /SGD: .*did you mean momentum\?/);
    assert.throws(() => new optim.SGD([{ params: [x], weight_decay: 1 } as never], { lr: 1 }), /weightDecay/);
    assert.throws(() => new optim.Adam([x], { momentum: 0.9 } as object), /it has lr, betas, eps/);
    assert.throws(() => new data.DataLoader([1], { batch_size: 2 } as object), /did you mean batchSize\?/);
  });

  it("is refused where a value stands in place of the options", () => {
    assert.throws(
      () => F.conv2d(randn([1, 1, 4, 4]), randn([1, 1, 2, 2]), null, 2 as never),
      /conv2d: options are one object, found 2; such as { stride: … }/,
    );
    assert.throws(() => F.mseLoss(x, x, "sum" as never), /mseLoss: options are one object, found "sum"/);
    assert.throws(() => new nn.Linear(2, 2, false as never), /Linear: options are one object, found false/);
    assert.throws(() => new optim.SGD([x], 0.1 as never), /SGD: options are one object, found 0\.1/);
    assert.throws(
      () => new optim.lrScheduler.StepLR(new optim.SGD([x], { lr: 1 }), 1, "0.1" as never),
      /StepLR: gamma/,
    );
  });

  it("of a scheduler may stand by place or by name, and is refused where it is missing or no number", () => {
    const { StepLR, MultiStepLR, CosineAnnealingLR, LinearLR } = optim.lrScheduler;
    const rateAfter = (make: (sgd: optim.SGD) => { step(): void }, steps: number): number => {
      const sgd = new optim.SGD([x], { lr: 1 });
      const schedule = make(sgd);
      for (let i = 0; i < steps; i++) schedule.step();
      return sgd.paramGroups[0]!.lr;
    };
    assert.equal(
      rateAfter((sgd) => new StepLR(sgd, 2, 0.5), 4),
      0.25,
    );
    assert.equal(
      rateAfter((sgd) => new StepLR(sgd, { stepSize: 2, gamma: 0.5 }), 4),
      0.25,
    );
    assert.equal(
      rateAfter((sgd) => new StepLR(sgd, 2, { gamma: 0.5 }), 4),
      0.25,
    );
    assert.equal(
      rateAfter((sgd) => new MultiStepLR(sgd, { milestones: [1, 2], gamma: 0.5 }), 4),
      0.25,
    );
    assert.equal(
      rateAfter((sgd) => new LinearLR(sgd, 0.5, 1, 2), 1),
      0.75,
    );
    const sgd = new optim.SGD([x], { lr: 1 });
    assert.throws(() => new StepLR(sgd, { gamma: 0.5 } as never), /StepLR: stepSize must be a number, found nothing/);
    assert.throws(() => new StepLR(sgd, 0), /StepLR: stepSize must be a whole number above 0, found 0/);
    assert.throws(() => new CosineAnnealingLR(sgd, { T_max: 5 } as never), /there is no option "T_max"/);
  });

  it("is refused by value: a mode, a reduction, an approximation that there is not", () => {
    assert.throws(() => F.gelu(x, { approximate: "sigmoid" as "tanh" }), /"sigmoid"/);
    assert.throws(() => F.pad(x, [1, 1], { mode: "mirror" as "reflect" }), /"mirror"/);
  });

  it("is refused where a number is missing, none, or stands in an object that nothing reads", () => {
    const missing = /sizes must be whole numbers, these are \[\?, 3\]/;
    assert.throws(() => new nn.Linear(3, undefined as never), missing);
    assert.throws(() => new nn.LSTM({ inputSize: 3 } as never, 2), /sizes must be whole numbers/);
    assert.throws(() => new nn.Conv2d(1, 2, undefined as never), /Conv2d: kernelSize needs a number .*, found nothing/);
    assert.throws(() => new nn.LayerNorm(undefined as never), /LayerNorm: expected a shape/);
    assert.throws(() => nn.utils.clipGradNorm_([x], undefined as never), /clipGradNorm_: maxNorm must be a number/);
    assert.throws(() => F.leakyRelu(x, "0.2" as never), /leakyRelu: negativeSlope must be a number, found a string/);
    assert.throws(() => new data.DataLoader(x as never), /DataLoader: expected a dataset.*TensorDataset/);
    assert.throws(() => new optim.Adam([x], { betas: 0.9 as never }), /Adam: betas must be two numbers/);
    assert.deepEqual(F.leakyRelu(x, { negativeSlope: 0.5 }).tolist(), F.leakyRelu(x, 0.5).tolist());
  });
});
