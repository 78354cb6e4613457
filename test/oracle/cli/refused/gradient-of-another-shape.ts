import { tensor, ones, autograd, type Tensor } from "backstep";

class Short extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor) {
    return x.mul(2);
  }
  static backward(ctx: autograd.Context, grad: Tensor) {
    const short = ones([2]);
    return [short];
  }
}

const x = tensor([1, 2, 3], { requiresGrad: true });
const y = Short.apply(x);
const z = y.sum();
z.backward();
