"""Model files that PyTorch refuses, with the lines that the message may name.

A line that may be blamed ends in `// here`; the file is written without that comment. cli/refused.json holds, a file a
line, those lines and what the message must say. `refused` makes sure that PyTorch refuses the same thing.
"""

import torch
import torch.nn.functional as F
from torch import autograd, nn

from write import to_json

HERE = "  // here"
REFUSED = []


def refused(name, source, mentions, run):
    try:
        run()
    except (RuntimeError, IndexError, ValueError, TypeError):
        pass
    else:
        raise SystemExit(f"{name}: PyTorch accepts this")
    lines = source.strip("\n").split("\n")
    allowed = [number for number, line in enumerate(lines, 1) if line.endswith(HERE)]
    text = "\n".join(line.removesuffix(HERE) for line in lines) + "\n"
    REFUSED.append((name, text, {"name": name, "lines": allowed, "mentions": mentions}))


def write_refused_models(folder):
    (folder / "refused").mkdir(parents=True, exist_ok=True)
    for name, text, _ in REFUSED:
        (folder / "refused" / f"{name}.ts").write_text(text, encoding="utf-8")
    records = ",\n".join(to_json(record) for _, _, record in REFUSED)
    (folder / "refused.json").write_text(f"[\n{records}\n]\n", encoding="utf-8")


def leaf(*shape):
    return torch.ones(shape, requires_grad=True)


refused(
    "inner-sizes",
    """
import { tensor, ones } from "backstep";

const x = ones([2, 3], { requiresGrad: true });
const w = ones([2, 4]);
const h = x.relu();
const y = h.matmul(w);  // here
y.sum().backward();
""",
    ["matmul", "[2, 3]", "[2, 4]"],
    lambda: leaf(2, 3) @ torch.ones(2, 4),
)
refused(
    "in-a-module",
    """
import { ones, nn, F, type Tensor } from "backstep";

class Net extends nn.Module {
  fc1 = new nn.Linear(3, 4);
  fc2 = new nn.Linear(5, 2);
  forward(x: Tensor) {
    const h = F.relu(this.fc1.forward(x));
    return this.fc2.forward(h);  // here
  }
}

const net = new Net();
net.forward(ones([2, 3])).sum().backward();
""",
    ["linear", "[2, 4]", "[2, 5]"],
    lambda: nn.Linear(5, 2)(torch.ones(2, 4)),
)
refused(
    "nested-call",
    """
import { tensor } from "backstep";

const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
const y = x
  .mul(2)
  .add(tensor([1, 2, 3]))  // here
  .sum();
y.backward();
""",
    ["add", "[2, 2]", "[3]"],
    lambda: leaf(2, 2) * 2 + torch.ones(3),
)
refused(
    "in-a-helper",
    """
import { tensor, type Tensor } from "backstep";

function halve(x: Tensor): Tensor {
  return x.view(2, 2);  // here
}

const x = tensor([1, 2, 3], { requiresGrad: true });
halve(x.mul(2)).sum().backward();
""",
    ["view", "[3]", "[2, 2]"],
    lambda: leaf(3).view(2, 2),
)
refused(
    "in-a-loop",
    """
import { tensor } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
for (let i = 0; i < 5; i++) {
  const y = x.mul(2);
  y.select(0, i).backward();  // here
}
""",
    ["select", "3", "[3]"],
    lambda: leaf(3).select(0, 3),
)
refused(
    "class-out-of-range",
    """
import { tensor, zeros, F } from "backstep";

const logits = zeros([2, 3], { requiresGrad: true });
const target = tensor([0, 3], { dtype: "int64" });
const loss = F.crossEntropy(logits, target);  // here
loss.backward();
""",
    ["crossEntropy", "3"],
    lambda: F.cross_entropy(leaf(2, 3), torch.tensor([0, 3])),
)
refused(
    "float-index",
    """
import { tensor } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
const picked = x.index([tensor([0, 1])]);  // here
picked.sum().backward();
""",
    ["index", "float32"],
    lambda: leaf(3)[torch.tensor([0.0, 1.0])],
)
refused(
    "not-a-scalar",
    """
import { tensor } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
const y = x.mul(2);
y.backward();  // here
""",
    ["backward", "[3]"],
    lambda: (leaf(3) * 2).backward(),
)


def twice():
    y = (leaf(3) ** 2).sum()
    y.backward()
    y.backward()


refused(
    "second-backward",
    """
import { tensor } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
const y = x.pow(2).sum();
y.backward();
console.log("once");
y.backward();  // here
""",
    ["backward", "retainGraph"],
    twice,
)


def changed():
    h = leaf(3) * 2
    y = h.square()
    h.add_(1)
    y.sum().backward()


refused(
    "changed-in-place",
    """
import { tensor } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
const h = x.mul(2);
const y = h.square();  // here
h.add_(1);  // here
const loss = y.sum();
loss.backward();  // here
""",
    ["in place", "[3]"],
    changed,
)
refused(
    "leaf-in-place",
    """
import { tensor } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
x.mul_(2);  // here
x.sum().backward();
""",
    ["mul_", "leaf"],
    lambda: leaf(3).mul_(2),
)


class Pair(autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        return x * y

    @staticmethod
    def backward(ctx, grad):
        return grad


class Short(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return torch.ones(2)


refused(
    "too-few-gradients",
    """
import { tensor, autograd, type Tensor } from "backstep";

class Pair extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor, y: Tensor) {
    return x.mul(y);
  }
  static backward(ctx: autograd.Context, grad: Tensor) {  // here
    return grad;  // here
  }
}

const x = tensor([1, 2, 3], { requiresGrad: true });
const y = Pair.apply(x, x);  // here
const z = y.sum();
z.backward();  // here
""",
    ["Pair", "1", "2"],
    lambda: Pair.apply(leaf(3), leaf(3)).sum().backward(),
)
refused(
    "gradient-of-another-shape",
    """
import { tensor, ones, autograd, type Tensor } from "backstep";

class Short extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor) {
    return x.mul(2);
  }
  static backward(ctx: autograd.Context, grad: Tensor) {  // here
    const short = ones([2]);  // here
    return [short];  // here
  }
}

const x = tensor([1, 2, 3], { requiresGrad: true });
const y = Short.apply(x);  // here
const z = y.sum();
z.backward();  // here
""",
    ["Short", "[2]", "[3]"],
    lambda: Short.apply(leaf(3)).sum().backward(),
)


def hooked():
    h = leaf(3) * 2
    h.register_hook(lambda grad: torch.ones(2))
    h.sum().backward()


refused(
    "hook-of-another-shape",
    """
import { tensor, ones } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
const h = x.mul(2);
h.registerHook((grad) => {  // here
  const short = ones([2]);
  console.log(grad.shape.length);
  return short;
});
const loss = h.sum();
loss.backward();  // here
""",
    ["[2]", "[3]"],
    hooked,
)


class Misuses(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad @ torch.ones(2, 2)


refused(
    "refused-inside-backward",
    """
import { tensor, ones, autograd, type Tensor } from "backstep";

class Misuses extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor) {
    return x.mul(2);
  }
  static backward(ctx: autograd.Context, grad: Tensor) {
    const w = ones([2, 2]);
    return [grad.matmul(w)];  // here
  }
}

const x = tensor([1, 2, 3], { requiresGrad: true });
Misuses.apply(x).sum().backward();
""",
    ["matmul", "[3]", "[2, 2]"],
    lambda: Misuses.apply(leaf(3)).sum().backward(),
)
refused(
    "missing-key",
    """
import { ones, nn } from "backstep";

const layer = new nn.Linear(2, 3);
const weight = ones([3, 2]);
layer.loadStateDict({ weight });  // here
layer.forward(ones([1, 2])).sum().backward();
""",
    ["loadStateDict", "bias"],
    lambda: nn.Linear(2, 3).load_state_dict({"weight": torch.ones(3, 2)}),
)
refused(
    "no-gradient",
    """
import { tensor } from "backstep";

const x = tensor([1, 2, 3]);
const loss = x.mul(2).sum();
loss.backward();  // here
""",
    ["backward"],
    lambda: torch.ones(3).sum().backward(),
)
refused(
    "unused-input",
    """
import { tensor, autograd } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
const y = tensor([1, 2], { requiresGrad: true });
const loss = x.sum();
autograd.grad(loss, [y]);  // here
""",
    ["grad"],
    lambda: autograd.grad(leaf(3).sum(), [leaf(2)]),
)
refused(
    "mixed-dtypes",
    """
import { ones } from "backstep";

const x = ones([2, 2], { requiresGrad: true });
const w = ones([2, 2], { dtype: "float64" });
const y = x.matmul(w);  // here
y.sum().backward();
""",
    ["matmul", "float32", "float64"],
    lambda: leaf(2, 2) @ torch.ones(2, 2, dtype=torch.float64),
)
refused(
    "wrong-option",
    """
import { ones, F } from "backstep";

const x = ones([2, 2], { requiresGrad: true });
const loss = F.mseLoss(x, ones([2, 2]), { reduction: "average" });  // here
loss.backward();
""",
    ["mseLoss", "average"],
    lambda: F.mse_loss(leaf(2, 2), torch.ones(2, 2), reduction="average"),
)
refused(
    "callback",
    """
import { tensor, stack } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
const parts = [2, 3, 4].map((n) => {
  const wide = x.unsqueeze(1);
  return wide.expand(3, n).reshape(2, -1);  // here
});
stack(parts).sum().backward();
""",
    ["reshape", "[3, 3]", "[2, -1]"],
    lambda: leaf(3).unsqueeze(1).expand(3, 3).reshape(2, -1),
)
