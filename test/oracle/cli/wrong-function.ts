import { tensor, autograd, type Tensor } from "backstep";

class Wrong extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor) {
    return x.mul(2);
  }
  static backward(ctx: autograd.Context, grad: Tensor) {
    return grad.mul(3);
  }
}

const x = tensor([-0.51,-1.219,-1.102], { requiresGrad: true });
const y = Wrong.apply(x).square().sum();
y.backward();
