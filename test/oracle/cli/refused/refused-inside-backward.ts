import { tensor, ones, autograd, type Tensor } from "backstep";

class Misuses extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor) {
    return x.mul(2);
  }
  static backward(ctx: autograd.Context, grad: Tensor) {
    const w = ones([2, 2]);
    return [grad.matmul(w)];
  }
}

const x = tensor([1, 2, 3], { requiresGrad: true });
Misuses.apply(x).sum().backward();
