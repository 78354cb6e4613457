import { tensor, type Tensor } from "backstep";

function halve(x: Tensor): Tensor {
  return x.view(2, 2);
}

const x = tensor([1, 2, 3], { requiresGrad: true });
halve(x.mul(2)).sum().backward();
