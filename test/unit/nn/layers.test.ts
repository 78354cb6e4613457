import assert from "node:assert/strict";
import { F, nn, tensor, type Tensor } from "../../../engine/index.ts";
import { apply } from "../../../engine/ops/apply.ts";
import { attention } from "../../../engine/ops/attention.ts";
import { lstmCell } from "../../../engine/ops/lstm-cell.ts";
import { assertClose, assertGradients, some } from "./finite-differences.ts";

const int64 = { dtype: "int64" } as const;

describe("gradients of layers agree with finite differences, and so do second derivatives", () => {
  it("linear, with and without a bias, over any number of axes", () => {
    const [x, w, b] = [some([2, 3, 4]), some([5, 4], 1), some([5], 2)];
    assertGradients(() => F.linear(x, w, b), [x, w, b]);
    const v = some([4], 3);
    assertGradients(() => F.linear(v, w), [v, w]);
  });

  it("softmax and logSoftmax along the last axis and along another", () => {
    const x = some([3, 4]);
    for (const dim of [0, 1]) {
      assertGradients(() => F.softmax(x, dim), [x]);
      assertGradients(() => F.logSoftmax(x, dim), [x]);
    }
  });

  it("conv1d, conv2d and conv3d with stride, padding, dilation and groups", () => {
    const [x, w, b] = [some([2, 4, 5, 6]), some([4, 2, 3, 2], 1), some([4], 2)];
    const options = { stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 2 };
    assertGradients(() => F.conv2d(x, w, b, options), [x, w, b], { second: false });
    const [s, k] = [some([1, 2, 6]), some([3, 2, 3], 1)];
    assertGradients(() => F.conv1d(s, k, null, { padding: "same" }), [s, k]);
    const [v, vk, vb] = [some([1, 2, 3, 2, 3]), some([2, 1, 2, 2, 2], 1), some([2], 2)];
    const volume = { stride: [2, 1, 1], padding: [1, 0, 1], dilation: [1, 1, 2], groups: 2 };
    assertGradients(() => F.conv3d(v, vk, vb, volume), [v, vk, vb], { second: false });
  });

  it("transposed convolutions with stride, padding and output padding", () => {
    const [x, w, b] = [some([1, 2, 3, 3]), some([2, 2, 3, 3], 1), some([2], 2)];
    const options = { stride: 2, padding: 1, outputPadding: 1 };
    assertGradients(() => F.convTranspose2d(x, w, b, options), [x, w, b], { second: false });
    const [s, k] = [some([1, 2, 4]), some([2, 3, 2], 1)];
    assertGradients(() => F.convTranspose1d(s, k, null, { stride: 2 }), [s, k]);
    const [v, vk] = [some([1, 1, 2, 1, 2]), some([1, 2, 2, 1, 2], 1)];
    assertGradients(() => F.convTranspose3d(v, vk, null, { stride: [1, 2, 2] }), [v, vk]);
  });

  it("pools", () => {
    const x = some([1, 2, 5, 5]);
    assertGradients(() => F.maxPool2d(x, 2, { stride: 1 }).square(), [x]);
    assertGradients(() => F.maxPool2d(x, 3, { stride: 2, padding: 1 }).square(), [x]);
    assertGradients(() => F.avgPool2d(x, 2, { padding: 1, countIncludePad: false }).square(), [x]);
    assertGradients(() => F.adaptiveAvgPool2d(x, [2, 3]).square(), [x]);
    assertGradients(() => F.adaptiveMaxPool2d(x, 2).square(), [x]);
    const s = some([2, 7]);
    assertGradients(() => F.maxPool1d(s, 3).square(), [s]);
    assertGradients(() => F.avgPool1d(s, 3, { ceilMode: true }).square(), [s]);
    const v = some([1, 1, 3, 3, 3]);
    assertGradients(() => F.maxPool3d(v, 2, { stride: 1, padding: 1 }).square(), [v]);
    assertGradients(() => F.avgPool3d(v, 2, { padding: 1, countIncludePad: false }).square(), [v]);
    assertGradients(() => F.adaptiveAvgPool3d(v, [1, 2, 3]).square(), [v]);
    assertGradients(() => F.adaptiveMaxPool3d(v, 2).square(), [v]);
  });

  it("normalisations, with and without weight and bias", () => {
    const x = some([3, 4, 2]);
    const [w, b] = [some([4], 1), some([4], 2)];
    assertGradients(() => F.batchNorm(x, null, null, w, b, { training: true }), [x, w, b]);
    assertGradients(() => F.batchNorm(x, null, null, null, null, { training: true }), [x]);
    assertGradients(() => F.groupNorm(x, 2, w, b), [x, w, b]);
    assertGradients(() => F.instanceNorm(x), [x]);
    const [lw, lb] = [some([4, 2], 1), some([4, 2], 2)];
    assertGradients(() => F.layerNorm(x, [4, 2], lw, lb), [x, lw, lb]);
    assertGradients(() => F.layerNorm(x, 2), [x]);
    assertGradients(() => F.rmsNorm(x, [4, 2], lw), [x, lw]);
    assertGradients(() => F.normalize(x), [x]);
  });

  it("embedding, with the padding row left out", () => {
    const table = some([4, 3]);
    const ids = tensor([[1, 3, 1]], int64);
    assertGradients(() => F.embedding(ids, table).square(), [table]);
    F.embedding(tensor([0, 2], int64), table, { paddingIdx: 0 })
      .sum()
      .backward();
    assertClose(table.grad!.sum(1).toArray(), [0, 0, 3, 0]);
  });

  it("padding in every mode, and padding that takes away", () => {
    const x = some([1, 2, 3, 4]);
    assertGradients(() => F.pad(x, [1, 2, -1, 1], { value: 3 }).square(), [x]);
    for (const mode of ["reflect", "replicate", "circular"] as const) {
      assertGradients(() => F.pad(x, [2, 1, 1, 1], { mode }).square(), [x]);
    }
  });

  it("resizing, to the nearest element and from channels", () => {
    const x = some([1, 4, 2, 3]);
    assertGradients(() => F.interpolate(x, { scaleFactor: 2 }).square(), [x]);
    assertGradients(() => F.interpolate(x, { size: [3, 2] }).square(), [x]);
    assertGradients(() => F.pixelShuffle(x, 2).square(), [x]);
    const image = tensor([[[[1, 2]]]]);
    assertClose(F.interpolate(image, { scaleFactor: 2 }).toArray(), [1, 1, 2, 2, 1, 1, 2, 2]);
  });

  it("activations on both sides of their kinks", () => {
    const x = some([7]);
    const activations: ((x: Tensor) => Tensor)[] = [
      F.relu,
      F.relu6,
      (v) => F.leakyRelu(v, 0.2),
      F.elu,
      F.selu,
      (v) => F.gelu(v),
      (v) => F.gelu(v, { approximate: "tanh" }),
      F.silu,
      F.mish,
      (v) => F.softplus(v),
      (v) => F.softplus(v, { beta: 2, threshold: 1.5 }),
      F.softsign,
      F.logsigmoid,
      F.hardtanh,
      F.hardswish,
      (v) => F.celu(v, 0.7),
      (v) => F.hardshrink(v),
      (v) => F.softshrink(v),
      F.tanhshrink,
    ];
    for (const activation of activations) assertGradients(() => activation(x), [x]);
  });

  it("attention, plain, masked and causal", () => {
    const [q, k, v] = [some([2, 3, 4]), some([2, 3, 4], 1), some([2, 3, 2], 2)];
    assertGradients(() => F.scaledDotProductAttention(q, k, v), [q, k, v]);
    assertGradients(() => F.scaledDotProductAttention(q, k, v, { isCausal: true }), [q, k, v], { second: false });
    const mask = tensor([
      [true, false, true],
      [true, true, false],
      [false, true, true],
    ]);
    for (const operands of [
      [q, k, v],
      [q, k, v, mask],
    ]) {
      assertGradients(() => apply(attention, operands, { scale: 0.7, isCausal: false }), [q, k, v], { second: false });
    }
  });

  it("recurrent layers through time", () => {
    const x = some([3, 2, 2]);
    for (const layer of [
      new nn.RNN(2, 2, { dtype: "float64", bidirectional: true }),
      new nn.LSTM(2, 2, { dtype: "float64", numLayers: 2 }),
      new nn.GRU(2, 2, { dtype: "float64" }),
    ]) {
      assertGradients(() => layer.forward(x)[0], [x, ...layer.parameters()], { second: false });
    }
    const lstm = new nn.LSTMCell(2, 2, { dtype: "float64" });
    const step = some([2, 2]);
    assertGradients(() => lstm.forward(step)[0], [step, lstm.weight_ih]);
    // All that a step computes, the gates too; with a single example, and with a state that is not dense.
    for (const shape of [[3], [2, 3]]) {
      const [gates, c] = [some([...shape.slice(0, -1), 12]), some(shape, 1)];
      assertGradients(() => apply(lstmCell, [gates, c]), [gates, c]);
    }
    const [gates, c] = [some([2, 12]), some([3, 2], 1)];
    assertGradients(() => apply(lstmCell, [gates, c.t()]), [gates, c]);
  });
});

describe("layers compute their formulas", () => {
  it("an LSTM step is σ(o) tanh(σ(f) c + σ(i) tanh(g))", () => {
    const cell = new nn.LSTMCell(1, 1, { dtype: "float64" });
    nn.init.constant_(cell.weight_ih, 0);
    nn.init.constant_(cell.weight_hh, 0);
    nn.init.constant_(cell.bias_hh!, 0);
    cell.loadStateDict({ ...cell.stateDict(), bias_ih: tensor([0.1, 0.2, 0.3, 0.4], { dtype: "float64" }) });
    const c0 = tensor([[0.5]], { dtype: "float64" });
    const [h, c] = cell.forward(tensor([[0]], { dtype: "float64" }), [c0, c0]);
    const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
    const next = sigmoid(0.2) * 0.5 + sigmoid(0.1) * Math.tanh(0.3);
    assertClose(c.toArray(), [next], "c", 1e-12);
    assertClose(h.toArray(), [sigmoid(0.4) * Math.tanh(next)], "h", 1e-12);
  });

  it("batch normalisation keeps running statistics: mean, and variance over n − 1", () => {
    const norm = new nn.BatchNorm1d(1, { dtype: "float64" });
    norm.forward(tensor([[1], [2], [6]], { dtype: "float64" }));
    // mean 3, unbiased variance ((−2)² + (−1)² + 3²) / 2 = 7
    assertClose(norm.runningMean!.toArray(), [0.1 * 3], "mean", 1e-12);
    assertClose(norm.runningVar!.toArray(), [0.9 + 0.1 * 7], "variance", 1e-12);
    norm.eval();
    const out = norm.forward(tensor([[1]], { dtype: "float64" }));
    assertClose(out.toArray(), [(1 - 0.3) / Math.sqrt(1.6 + 1e-5)], "out", 1e-12);
  });

  it("dropout keeps the mean: what is kept is scaled by 1 / (1 − p)", () => {
    const x = tensor(new Array<number>(4000).fill(1));
    const dropped = F.dropout(x, 0.25).toArray();
    const kept = dropped.filter((value) => value !== 0);
    assertClose([...new Set(kept)], [4 / 3], "scale");
    assertClose([kept.length / 4000], [0.75], "share", 0.03);
    assertClose(F.dropout(x, 0.25, false).toArray(), x.toArray());
  });

  it("dropout of channels keeps a channel or drops it whole, with or without a batch", () => {
    const kept = 1 / (1 - 0.5);
    for (const [drop, shape, channels] of [
      [F.dropout1d, [3, 4, 5], 12],
      [F.dropout1d, [12, 5], 12],
      [F.dropout3d, [3, 4, 2, 1, 3], 12],
      [F.dropout3d, [12, 2, 1, 3], 12],
    ] as const) {
      const rows = drop(tensor(1).expand([...shape]), 0.5).reshape([channels, -1]);
      for (let row = 0; row < channels; row++) {
        const [first, ...others] = rows.select(0, row).toArray();
        assert.ok(first === 0 || first === kept);
        assert.ok(others.every((value) => value === first));
      }
    }
  });
});
