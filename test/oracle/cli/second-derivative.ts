import { tensor, autograd } from "backstep";

const x = tensor([1.462,0.622,-0.4], { dtype: "float64", requiresGrad: true });
const y = x.sin().mul(x).sum();
const [g] = autograd.grad(y, [x], { createGraph: true });
g.mul(g).sum().backward();
