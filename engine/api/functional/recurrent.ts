import { apply } from "../../ops/apply.ts";
import { lstmCell, LstmPlane } from "../../ops/lstm-cell.ts";
import type { Tensor } from "../../core/tensor.ts";
import { linear } from "./linear.ts";

/** What a cell learns: weightIh [gates · H, in], weightHh [gates · H, H], and biases of both or of none. */
export interface CellWeights {
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly biasIh: Tensor | null;
  readonly biasHh: Tensor | null;
}

/** h' = tanh(W x + b + U h + b'), or with relu. Elman, 1990. */
export function rnnStep(x: Tensor, h: Tensor, w: CellWeights, nonlinearity: "tanh" | "relu"): Tensor {
  const sum = linear(x, w.weightIh, w.biasIh).add(linear(h, w.weightHh, w.biasHh));
  return nonlinearity === "tanh" ? sum.tanh() : sum.relu();
}

/** Gates i, f, g, o: c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c'). Hochreiter and Schmidhuber, 1997. */
export function lstmStep(x: Tensor, [h, c]: readonly [h: Tensor, c: Tensor], w: CellWeights): [h: Tensor, c: Tensor] {
  const gates = linear(x, w.weightIh, w.biasIh).add(linear(h, w.weightHh, w.biasHh));
  const step = apply(lstmCell, [gates, c]);
  return [step.select(0, LstmPlane.hidden), step.select(0, LstmPlane.cell)];
}

/** Gates r, z, n: h' = (1 − z) n + z h with n = tanh(x_n + r h_n). Cho and others, 2014. */
export function gruStep(x: Tensor, h: Tensor, w: CellWeights): Tensor {
  const [xr, xz, xn] = linear(x, w.weightIh, w.biasIh).chunk(3, -1) as [Tensor, Tensor, Tensor];
  const [hr, hz, hn] = linear(h, w.weightHh, w.biasHh).chunk(3, -1) as [Tensor, Tensor, Tensor];
  const r = xr.add(hr).sigmoid();
  const z = xz.add(hz).sigmoid();
  const n = xn.add(r.mul(hn)).tanh();
  return n.add(z.mul(h.sub(n)));
}
