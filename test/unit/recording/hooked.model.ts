import { autograd, tensor, type Tensor } from "backstep";

/** A hook that doubles a gradient, and a Function whose backward gives the second operand none of its gradient back. */
class Blend extends autograd.Function {
  static forward(ctx: autograd.Context, dark: Tensor, light: Tensor): Tensor {
    ctx.saveForBackward(dark, light);
    return dark.mul(light);
  }

  static backward(ctx: autograd.Context, grad: Tensor): Tensor[] {
    const [dark, light] = ctx.savedTensors as [Tensor, Tensor];
    return [grad.mul(light), grad.mul(dark).mul(3)];
  }
}

const x = tensor([1, 2, 3]).requiresGrad_();
const y = tensor([4, 5, 6]).requiresGrad_();
const square = x.mul(x);
square.registerHook((grad) => grad.mul(2));
const blended = Blend.apply(square, y) as Tensor;
const root = x.exp().sqrt();
const z = tensor([0.5, 1, 2]).requiresGrad_();
blended.add(root).mul(z).sum().backward();
