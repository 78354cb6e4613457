import { tensor, autograd, type Tensor } from "backstep";

class Pair extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor, y: Tensor) {
    return x.mul(y);
  }
  static backward(ctx: autograd.Context, grad: Tensor) {
    return grad;
  }
}

const x = tensor([1, 2, 3], { requiresGrad: true });
const y = Pair.apply(x, x);
const z = y.sum();
z.backward();
