import { tensor, noGrad } from "backstep";

const x = tensor([[-1.175,0.093],[1.759,0.396],[1.356,0.131],[0.458,-0.239]]);
const y = tensor([-0.888,0.833,-2.086,-1.508]);
const w = tensor([1.02,1.445], { requiresGrad: true });
const b = tensor([-0.802], { requiresGrad: true });
for (let i = 0; i < 3; i++) {
  w.grad = null;
  b.grad = null;
  const loss = x.matmul(w).add(b).sub(y).pow(2).mean();
  loss.backward();
  noGrad(() => {
    w.sub_(w.grad!.mul(0.1));
    b.sub_(b.grad!.mul(0.1));
  });
}
