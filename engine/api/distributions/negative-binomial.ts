import { logsigmoid } from "../functional/activations.ts";
import type { Shape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { drawPoisson, oneOf, OfLogit, type Given } from "./discrete.ts";
import { drawEach, parametersOf, requireParameter, type Operand } from "./distribution.ts";
import { Gamma } from "./gamma-family.ts";

/** Successes before so many failures, where `probs` is that of a success. PyTorch: `torch.distributions.NegativeBinomial`. */
export class NegativeBinomial extends OfLogit {
  readonly totalCount: Tensor;

  constructor(totalCount: Operand, probs?: Given, logits?: Operand | null) {
    const given = oneOf("NegativeBinomial", probs, logits);
    const [p, count] = parametersOf("NegativeBinomial", given.probs ?? given.logits, totalCount) as [Tensor, Tensor];
    requireParameter("NegativeBinomial", "totalCount", count, (value) => value >= 0, "at least 0");
    super(given.probs === null ? null : p, given.probs === null ? p : null);
    this.totalCount = count;
  }

  protected override draw(shape: Shape): Tensor {
    const rates = new Gamma(this.totalCount, this.logits.neg().exp())
      .sample(shape.slice(0, shape.length - this.batchShape.length))
      .toFloat64Array();
    let next = 0;
    return drawEach(this.totalCount, shape, () => drawPoisson(rates[next++]!));
  }

  override logProb(value: Operand): Tensor {
    const [n, logits] = [this.totalCount, this.logits];
    const x = this.value(value, logits);
    const unnormalised = n.mul(logsigmoid(logits.neg())).add(x.mul(logsigmoid(logits)));
    return unnormalised.add(n.add(x).lgamma()).sub(x.add(1).lgamma()).sub(n.lgamma());
  }

  override get mean(): Tensor {
    return this.totalCount.mul(this.logits.exp());
  }

  override get mode(): Tensor {
    return this.totalCount.sub(1).mul(this.logits.exp()).floor().clamp({ min: 0 });
  }

  override get variance(): Tensor {
    return this.mean.div(this.logits.neg().sigmoid());
  }
}
