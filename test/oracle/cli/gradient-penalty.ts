import { tensor, autograd, noGrad, F } from "backstep";

const x = tensor([[-1.018,0.338],[-0.885,0.389],[-0.85,-0.414]], { requiresGrad: true });
const w = tensor([[0.209,-0.506,-1.434,-0.507],[0.037,0.748,0.836,0.482]], { requiresGrad: true });
const v = tensor([-0.358,-0.813,0.24,0.048], { requiresGrad: true });
for (let i = 0; i < 2; i++) {
  const score = F.softplus(x.matmul(w)).matmul(v);
  const [g] = autograd.grad(score.sum(), [x], { createGraph: true });
  for (const leaf of [x, w, v]) leaf.grad = null;
  const penalty = g.norm(2, 1).sub(1).pow(2).mean();
  penalty.backward();
  noGrad(() => w.sub_(w.grad!.mul(0.1)));
}
