import { tensor, where, noGrad } from "backstep";

const w = tensor([-1.316,0.121], { requiresGrad: true });
const b = tensor([-0.934], { requiresGrad: true });
const x = tensor([[0.032,0.044],[-0.617,-1.032],[-0.055,0.589],[0.376,-0.733],[0.978,-0.603]]);
const sign = where(tensor([-0.888,2.113,0.961,-0.939,0.615]).gt(0), 1, -1);
for (let i = 0; i < 2; i++) {
  w.grad = null;
  b.grad = null;
  const margin = sign.mul(x.matmul(w).add(b)).neg().add(1).clamp({ min: 0 });
  const loss = margin.mean().add(w.square().sum().mul(0.01));
  loss.backward();
  noGrad(() => {
    w.sub_(w.grad!.mul(0.5));
    b.sub_(b.grad!.mul(0.5));
  });
}
