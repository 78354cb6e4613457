import assert from "node:assert/strict";
import { nn, ones, type Tensor } from "../../../engine/index.ts";
import { withoutGradient } from "../../../engine/session/pass-report.ts";

class TwoHeads extends nn.Module {
  body = new nn.Linear(2, 2);
  used = new nn.Linear(2, 1);
  unused = new nn.Linear(2, 1);
  frozen = new nn.Linear(2, 1).requiresGrad_(false);

  override forward(x: Tensor): Tensor {
    return this.used.forward(this.body.forward(x));
  }
}

describe("what got no gradient", () => {
  it("is every parameter of the models that a pass reached that has none, but for what was frozen", () => {
    const net = new TwoHeads();
    net
      .forward(ones([1, 2]))
      .sum()
      .backward();
    assert.deepEqual(withoutGradient([net.body.weight]), ["unused.weight", "unused.bias"]);
  });

  it("goes by what the parameters hold, so that a pass for another part of the model is not held against it", () => {
    const net = new TwoHeads();
    net.unused
      .forward(ones([1, 2]))
      .sum()
      .backward();
    net
      .forward(ones([1, 2]))
      .sum()
      .backward();
    assert.deepEqual(withoutGradient([net.body.weight]), []);
  });

  it("names a leaf of no model by its variable", () => {
    const scale = ones([1], { requiresGrad: true });
    scale.label = "scale";
    assert.deepEqual(withoutGradient([scale]), ["scale"]);
  });
});
