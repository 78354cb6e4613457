import { tensor, autograd } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
const y = tensor([1, 2], { requiresGrad: true });
const loss = x.sum();
autograd.grad(loss, [y]);
