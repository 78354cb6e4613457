import { tensor, autograd, noGrad } from "backstep";

const w = tensor([-0.701,0.228,0.095], { dtype: "float64", requiresGrad: true });
const x = tensor([[0.057,0.046,1.268],[0.241,0.882,-0.22],[0.376,1.601,0.928],[0.262,1.173,2.026],[-0.198,0.222,-1.915]], { dtype: "float64" });
const y = tensor([-0.353,-0.086,0.405,-0.325,-1.864], { dtype: "float64" });
for (let step = 0; step < 2; step++) {
  const inner = x.matmul(w).sub(y).pow(2).mean();
  const [g] = autograd.grad(inner, [w], { createGraph: true });
  w.grad = null;
  const outer = x.matmul(w.sub(g.mul(0.1))).sub(y).pow(2).mean();
  outer.backward();
  noGrad(() => w.sub_(w.grad!.mul(0.1)));
}
