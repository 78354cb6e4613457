import { autograd, enableGrad, tensor, type Tensor } from "backstep";

/** Checkpointing by hand: the backward runs the function again, and a pass of its own through it. */
class Checkpoint extends autograd.Function {
  static forward(ctx: autograd.Context, run: (x: Tensor) => Tensor, x: Tensor): Tensor {
    ctx.run = run;
    ctx.saveForBackward(x);
    return run(x);
  }
  static backward(ctx: autograd.Context, g: Tensor): (Tensor | null)[] {
    const again = ctx.savedTensors[0]!.detach().requiresGrad_();
    const y = enableGrad(() => (ctx.run as (x: Tensor) => Tensor)(again));
    return [null, autograd.grad(y, [again], { gradOutputs: g })[0]!];
  }
}

const x = tensor([1, 2], { requiresGrad: true });
const h = x.mul(3);
const y = Checkpoint.apply((t: Tensor) => t.tanh().mul(2), h);
y.registerHook(() => void enableGrad(() => autograd.grad(h.exp().sum(), [x], { retainGraph: true })));
y.sum().backward();
x.mul(5).sum().backward();
