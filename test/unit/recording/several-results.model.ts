import { autograd, tensor, type Tensor } from "backstep";

/** A Function with two results, whose gradients both lead back to both operands. */
class Polar extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor, y: Tensor): Tensor[] {
    ctx.saveForBackward(x, y);
    return [x.mul(x).add(y.mul(y)), y.div(x)];
  }

  static backward(ctx: autograd.Context, gradSquare: Tensor, gradSlope: Tensor): Tensor[] {
    const [x, y] = ctx.savedTensors as [Tensor, Tensor];
    const slope = gradSlope.div(x);
    return [gradSquare.mul(x).mul(2).sub(slope.mul(y).div(x)), gradSquare.mul(y).mul(2).add(slope)];
  }
}

const x = tensor([3, 1]).requiresGrad_();
const y = tensor([4, 2]).requiresGrad_();
const [square, slope] = Polar.apply(x, y) as [Tensor, Tensor];
const scale = tensor([2, 5]).requiresGrad_();
const scaled = square.mul(scale);
const bent = slope.tanh();
const moved = scaled.add(bent).add(tensor([1]));
moved.sum().backward();
