import assert from "node:assert/strict";
import { F, nn, randn, tensor, zeros, type Tensor } from "../../../engine/index.ts";

describe("layers that fewer models use", () => {
  it("keep parameters in lists and by name, under their paths", () => {
    class Net extends nn.Module {
      scales = new nn.ParameterList([randn(2), randn(3)]);
      sides = new nn.ParameterDict({ left: randn(1), right: randn(1) });
      override forward(x: Tensor): Tensor {
        return x.mul(this.scales.get(0).sum()).add(this.sides.get("left"));
      }
    }
    const net = new Net();
    assert.deepEqual(
      [...net.namedParameters()].map(([name]) => name),
      ["scales.0", "scales.1", "sides.left", "sides.right"],
    );
    net.forward(randn(2)).sum().backward();
    assert.notEqual(net.scales.get(0).grad, null);
    assert.equal(net.sides.get("right").grad, null);
    net.sides.set("left", zeros(1));
    assert.equal([...net.parameters()].length, 4);
    assert.throws(() => net.scales.get(2), /ParameterList: index 2 is out of range, it holds 2 parameters/);
    assert.throws(() => net.sides.get("top"), /ParameterDict: there is no "top", only left, right/);
  });

  it("refuse what does not fit, and say what would", () => {
    const image = zeros(1, 1, 2, 2);
    for (const [call, said] of [
      [
        () => F.interpolate(image, { size: 3, mode: "linear" }),
        /"linear" needs 3 axes, found \[1, 1, 2, 2\].*"bilinear"/s,
      ],
      [
        () => F.interpolate(image, { size: 3, mode: "cubic" as "bicubic" }),
        /mode is one of "nearest", .*found "cubic"/,
      ],
      [() => F.gridSample(image, zeros(2, 1, 1, 2)), /grid \[N, h, w, 2\], found \[1, 1, 2, 2\] and \[2, 1, 1, 2\]/],
      [() => F.gridSample(image, zeros(1, 1, 1, 2), { paddingMode: "reflection" as "border" }), /"zeros" or "border"/],
      [() => F.affineGrid(zeros(2, 3), [1, 1, 2, 2]), /expected theta \[N, 2, 3\]/],
      [() => F.fold(zeros(1, 4, 3), 3, 2), /has 4 windows of 4 elements a channel, found \[1, 4, 3\]/],
      [() => F.embeddingBag(tensor([0, 1], { dtype: "int64" }), zeros(2, 2)), /a list of ids needs offsets/],
      [
        () => F.multilabelSoftMarginLoss(zeros(2, 3), zeros(2, 2)),
        /target needs the shape of x \[2, 3\], found \[2, 2\]/,
      ],
      [() => F.conv2d(undefined as unknown as Tensor, image), /conv2d: expected a tensor, got undefined/],
      [() => F.convTranspose3d([1] as unknown as Tensor, image), /convTranspose3d: expected a tensor, got an array/],
      [() => F.conv3d(zeros(1, 1, 2, 2, 2), image), /conv3d: expected x \[N, C, D, H, W\] and weight with 5 axes/],
      [() => F.dropout2d([1] as unknown as Tensor), /dropout2d: expected a tensor, got an array/],
      [() => F.dropout3d(1 as unknown as Tensor), /dropout3d: expected a tensor/],
      [
        () => F.adaptiveAvgPool2d(image, undefined as unknown as number),
        /adaptiveAvgPool2d: size needs a number or 2 of them, found nothing/,
      ],
      [() => nn.init.dirac_(zeros(2, 2)), /expected a weight \[out, in, \.\.\.kernel\]/],
    ] as const) {
      assert.throws(call, said);
    }
  });

  it("scale gradients by a norm that is known", () => {
    const w = tensor([3, 4], { requiresGrad: true });
    w.mul(w).sum().backward();
    const total = nn.utils.getTotalNorm([w.grad!]);
    assert.equal(total.item(), 10);
    nn.utils.clipGradsWithNorm_([w], 1, total);
    assert.ok(Math.abs(nn.utils.getTotalNorm([w.grad!]).item() - 1) < 1e-5);
  });
});
