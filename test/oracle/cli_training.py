"""Model files that train a module: every optimizer, schedules, frozen parameters."""

import torch
import torch.nn.functional as F
from torch import nn, optim

from cli_models import classes, load, model, t, values


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 4)
        self.fc2 = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


NET = """
import { tensor, nn, F, optim, type Tensor } from "backstep";

class Net extends nn.Module {
  fc1 = new nn.Linear(3, 4);
  fc2 = new nn.Linear(4, 2);
  forward(x: Tensor) {
    return this.fc2.forward(F.relu(this.fc1.forward(x)));
  }
}

const net = new Net();
net.loadStateDict({
  "fc1.weight": tensor($w1),
  "fc1.bias": tensor($b1),
  "fc2.weight": tensor($w2),
  "fc2.bias": tensor($b2),
});
const x = tensor($x);
const target = tensor($target, { dtype: "int64" });
"""
NET_DATA = dict(w1=values(4, 3), b1=values(4), w2=values(2, 4), b2=values(2), x=values(5, 3), target=classes(2, 5))


def net_of(w1, b1, w2, b2):
    return load(Net(), fc1__weight=w1, fc1__bias=b1, fc2__weight=w2, fc2__bias=b2)


OPTIMIZERS = [
    ("sgd", "new optim.SGD(net.parameters(), { lr: 0.1 })", lambda p: optim.SGD(p, lr=0.1)),
    (
        "sgd-momentum",
        "new optim.SGD(net.parameters(), { lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 })",
        lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    ),
    ("adam", "new optim.Adam(net.parameters(), { lr: 0.05 })", lambda p: optim.Adam(p, lr=0.05)),
    (
        "adamw",
        "new optim.AdamW(net.parameters(), { lr: 0.05, weightDecay: 0.1 })",
        lambda p: optim.AdamW(p, lr=0.05, weight_decay=0.1),
    ),
    (
        "rmsprop",
        "new optim.RMSprop(net.parameters(), { lr: 0.01, centered: true })",
        lambda p: optim.RMSprop(p, lr=0.01, centered=True),
    ),
    ("adagrad", "new optim.Adagrad(net.parameters(), { lr: 0.1 })", lambda p: optim.Adagrad(p, lr=0.1)),
]
for name, constructor, make in OPTIMIZERS:

    def training(r, w1, b1, w2, b2, x, target, make=make):
        net = net_of(w1, b1, w2, b2)
        x, target = t(x), t(target, torch.int64)
        opt = make(net.parameters())
        for _ in range(5):
            opt.zero_grad()
            r.module_backward(F.cross_entropy(net(x), target), net)
            opt.step()

    model(
        f"train-{name}",
        NET + f"""const opt = {constructor};
for (let step = 0; step < 5; step++) {{
  opt.zeroGrad();
  const loss = F.crossEntropy(net.forward(x), target);
  loss.backward();
  opt.step();
}}
""",
        training,
        **NET_DATA,
    )


def scheduled(r, w1, b1, w2, b2, x, target):
    net = net_of(w1, b1, w2, b2)
    x, target = t(x), t(target, torch.int64)
    opt = optim.SGD([{"params": net.fc1.parameters()}, {"params": net.fc2.parameters(), "lr": 0.5}], lr=0.1)
    schedule = optim.lr_scheduler.StepLR(opt, 2, gamma=0.1)
    for _ in range(4):
        opt.zero_grad()
        r.module_backward(F.cross_entropy(net(x), target), net)
        nn.utils.clip_grad_norm_(net.parameters(), 0.3)
        opt.step()
        schedule.step()
        r.log(schedule.get_last_lr()[1])


model(
    "train-schedule",
    NET
    + """const opt = new optim.SGD([{ params: net.fc1.parameters() }, { params: net.fc2.parameters(), lr: 0.5 }], { lr: 0.1 });
const schedule = new optim.lrScheduler.StepLR(opt, 2, { gamma: 0.1 });
for (let step = 0; step < 4; step++) {
  opt.zeroGrad();
  const loss = F.crossEntropy(net.forward(x), target);
  loss.backward();
  nn.utils.clipGradNorm_([...net.parameters()], 0.3);
  opt.step();
  schedule.step();
  console.log(schedule.getLastLr()[1]);
}
""",
    scheduled,
    **NET_DATA,
)


def frozen(r, w1, b1, w2, b2, x, target):
    net = net_of(w1, b1, w2, b2)
    for p in net.fc1.parameters():
        p.requires_grad_(False)
    loss = F.cross_entropy(net(t(x)), t(target, torch.int64))
    r.backward(loss, leaves={"fc2.weight": net.fc2.weight, "fc2.bias": net.fc2.bias})


model(
    "frozen",
    NET + """for (const p of net.fc1.parameters()) p.requiresGrad_(false);
F.crossEntropy(net.forward(x), target).backward();
""",
    frozen,
    **NET_DATA,
)
