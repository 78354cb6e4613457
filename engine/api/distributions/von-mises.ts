import type { Shape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { rand } from "../tensor/random.ts";
import { Distribution, drawEach, parametersOf, requireParameter, type Operand } from "./distribution.ts";

const uniform = (): number => rand([], { dtype: "float64" }).item();

/** An angle between −π and π about 0. Best and Fisher, 1979. */
function drawAngle(concentration: number): number {
  const tau = 1 + Math.sqrt(1 + 4 * concentration ** 2);
  const rho = (tau - Math.sqrt(2 * tau)) / (2 * concentration);
  // r comes to its limit where there is nearly no concentration.
  const r = concentration < 1e-5 ? 1 / concentration + concentration : (1 + rho ** 2) / (2 * rho);
  for (;;) {
    const z = Math.cos(Math.PI * uniform());
    const f = (1 + r * z) / (r + z);
    const c = concentration * (r - f);
    const u = uniform();
    if (c * (2 - c) - u > 0 || Math.log(c / u) + 1 - c >= 0) return Math.sign(uniform() - 0.5) * Math.acos(f);
  }
}

/** Angles about a direction. PyTorch: `torch.distributions.VonMises`. */
export class VonMises extends Distribution {
  readonly loc: Tensor;
  readonly concentration: Tensor;

  constructor(loc: Operand, concentration: Operand) {
    const [at, k] = parametersOf("VonMises", loc, concentration) as [Tensor, Tensor];
    requireParameter("VonMises", "concentration", k, (value) => value > 0, "above 0");
    super(at.shape);
    this.loc = at;
    this.concentration = k;
  }

  protected override draw(shape: Shape): Tensor {
    const concentrations = this.concentration.toFloat64Array();
    const angles = drawEach(this.concentration, shape, (at) => drawAngle(concentrations[at]!)).add(this.loc);
    return angles
      .add(Math.PI)
      .remainder(2 * Math.PI)
      .sub(Math.PI);
  }

  override logProb(value: Operand): Tensor {
    const k = this.concentration;
    return this.value(value, k)
      .sub(this.loc)
      .cos()
      .mul(k)
      .sub(Math.log(2 * Math.PI))
      .sub(k.i0().log());
  }

  override get mean(): Tensor {
    return this.loc;
  }

  override get mode(): Tensor {
    return this.loc;
  }
}
