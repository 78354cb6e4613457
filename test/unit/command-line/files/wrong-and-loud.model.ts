import { autograd, tensor, type Tensor } from "backstep";

class Off extends autograd.Function {
  static forward(_: autograd.Context, x: Tensor): Tensor {
    return x.mul(2);
  }

  static backward(_: autograd.Context, grad: Tensor): Tensor {
    return grad.mul(3);
  }
}
Off.apply(tensor([1, 2], { requiresGrad: true }))
  .sum()
  .backward();
for (let i = 0; i < 50_000; i++) console.log("more", i);
