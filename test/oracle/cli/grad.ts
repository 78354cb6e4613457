import { tensor, autograd } from "backstep";

const x = tensor([-1.459,1.716,0.649,-1.295], { requiresGrad: true });
const y = x.pow(3).sum();
autograd.grad(y, [x]);
