import { tensor, autograd, type Tensor } from "backstep";

class Cube extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor, scale: number) {
    ctx.saveForBackward(x);
    ctx.scale = scale;
    return x.pow(3).mul(scale);
  }
  static backward(ctx: autograd.Context, grad: Tensor) {
    const [x] = ctx.savedTensors;
    return [grad.mul(x.pow(2)).mul(3).mul(ctx.scale as number), null];
  }
}

const x = tensor([0.763,1.35,-1.16,1.103], { requiresGrad: true });
const y = Cube.apply(x.tanh(), 2);
y.sum().backward();
