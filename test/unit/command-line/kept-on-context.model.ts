import { autograd, tensor, type Tensor } from "backstep";

/** Keeps what forward computed: right once, silently wrong when its backward is differentiated. PyTorch's is as well. */
class SquareOfDouble extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor): Tensor {
    const twice = x.mul(2);
    ctx.twice = twice;
    return twice.square();
  }
  static backward(ctx: autograd.Context, g: Tensor): Tensor {
    return g.mul(4).mul(ctx.twice as Tensor);
  }
}

/** Computes it again from what it saved. */
class SquareOfDoubleAgain extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.mul(2).square();
  }
  static backward(ctx: autograd.Context, g: Tensor): Tensor {
    return g.mul(4).mul(ctx.savedTensors[0]!.mul(2));
  }
}

/** Keeps signs, which do not change with x, and its own result. */
class Exponential extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor): Tensor {
    const y = x.exp();
    ctx.sign = x.sign();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: autograd.Context, g: Tensor): Tensor {
    return g.mul(ctx.savedTensors[0]!).mul((ctx.sign as Tensor).abs());
  }
}

const w = tensor([0.5, -1.5], { requiresGrad: true });
const x = tensor([1, 2], { requiresGrad: true });
for (const functionClass of [SquareOfDouble, SquareOfDoubleAgain, Exponential]) {
  const [g] = autograd.grad(functionClass.apply(w.mul(x)).sum(), [x], { createGraph: true });
  g!.square().sum().backward();
}
