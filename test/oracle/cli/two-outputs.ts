import { tensor, autograd, type Tensor } from "backstep";

class Two extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor, y: Tensor) {
    ctx.saveForBackward(x, y);
    return [x.mul(y), x.add(y)];
  }
  static backward(ctx: autograd.Context, product: Tensor, total: Tensor) {
    const [x, y] = ctx.savedTensors;
    return [product.mul(y).add(total), product.mul(x).add(total)];
  }
}

const x = tensor([-0.16,-1.003,0.965], { requiresGrad: true });
const y = tensor([-0.957,0.824,-0.103], { requiresGrad: true });
const [product, total] = Two.apply(x, y);
product.mul(total).sum().backward();
