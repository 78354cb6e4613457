// Functions that cannot be compared with finite differences of themselves, and one that can.
import { autograd, manualSeed, randn, tensor, type Tensor } from "backstep";

manualSeed(5);

let calls = 0;

class ThrowsAgain extends autograd.Function {
  static forward(_: autograd.Context, x: Tensor): Tensor {
    if (++calls > 1) throw new Error("only once, please");
    return x.mul(2);
  }
  static backward(_: autograd.Context, grad: Tensor): Tensor {
    return grad.mul(2);
  }
}

class NotANumber extends autograd.Function {
  static forward(_: autograd.Context, x: Tensor): Tensor {
    return x.mul(2);
  }
  static backward(_: autograd.Context, grad: Tensor): Tensor {
    return grad.mul(NaN);
  }
}

class ChangesInput extends autograd.Function {
  static forward(_: autograd.Context, x: Tensor): Tensor {
    x.mul_(2);
    return x.mul(3);
  }
  static backward(_: autograd.Context, grad: Tensor): Tensor {
    return grad.mul(6);
  }
}

class Random extends autograd.Function {
  static forward(_: autograd.Context, x: Tensor): Tensor {
    return x.add(randn([...x.shape]));
  }
  static backward(_: autograd.Context, grad: Tensor): Tensor {
    return grad.clone();
  }
}

let gain = 1;

class OuterState extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor): Tensor {
    ctx["gain"] = gain;
    return x.mul(gain++);
  }
  static backward(ctx: autograd.Context, grad: Tensor): Tensor {
    return grad.mul(ctx["gain"] as number);
  }
}

class RandomBackward extends autograd.Function {
  static forward(_: autograd.Context, x: Tensor): Tensor {
    return x.mul(2);
  }
  static backward(_: autograd.Context, grad: Tensor): Tensor {
    return grad.mul(2).mul(randn([]));
  }
}

/** No cotangent that a check tries by itself is as large: it agrees with the differences. */
class Clipped extends autograd.Function {
  static forward(_: autograd.Context, x: Tensor): Tensor {
    return x.mul(1);
  }
  static backward(_: autograd.Context, grad: Tensor): Tensor {
    return grad.clamp(-2, 2);
  }
}

class ClippedOnPurpose extends Clipped {
  static surrogate = "keeps a spike from reaching the encoder";
}

class Offset extends autograd.Function {
  static forward(_: autograd.Context, x: Tensor): Tensor {
    return x.mul(1);
  }
  static backward(_: autograd.Context, grad: Tensor): Tensor {
    return grad.add(0.1);
  }
}

let runs = 0;

class Endless extends autograd.Function {
  static forward(_: autograd.Context, x: Tensor): Tensor {
    while (runs > 0);
    runs++;
    return x.mul(2);
  }
  static backward(_: autograd.Context, grad: Tensor): Tensor {
    return grad.mul(2);
  }
}

class Right extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.square();
  }
  static backward(ctx: autograd.Context, grad: Tensor): Tensor {
    const [x] = ctx.savedTensors;
    return grad.mul(x!).mul(2);
  }
}

for (const fn of [
  ThrowsAgain,
  NotANumber,
  ChangesInput,
  Random,
  OuterState,
  RandomBackward,
  Clipped,
  Offset,
  ClippedOnPurpose,
  Endless,
  Right,
]) {
  const x = tensor([0.5, -1.5, 2], { requiresGrad: true });
  fn.apply(x.mul(1)).sum().backward();
}
