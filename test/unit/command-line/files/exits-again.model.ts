import { autograd, tensor, type Tensor } from "backstep";

let runs = 0;

class Exits extends autograd.Function {
  static forward(_: autograd.Context, x: Tensor): Tensor {
    if (runs++ > 0) process.exit(0);
    return x.mul(2);
  }

  static backward(_: autograd.Context, grad: Tensor): Tensor {
    return grad.mul(2);
  }
}
Exits.apply(tensor([1, 2], { requiresGrad: true }))
  .sum()
  .backward();
