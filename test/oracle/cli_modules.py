"""Model files about modules: gradients under the paths of parameters."""

import torch
import torch.nn.functional as F
from torch import nn, optim

from cli_models import classes, leaf, load, model, t, values


def sequential(r, w1, b1, w2, b2, x, y):
    net = nn.Sequential(nn.Linear(2, 3), nn.GELU(), nn.Linear(3, 1))
    net.load_state_dict({"0.weight": t(w1), "0.bias": t(b1), "2.weight": t(w2), "2.bias": t(b2)})
    x = leaf(x)
    r.module_backward(F.mse_loss(net(x).squeeze(1), t(y)), net, more={"x": x})


model(
    "sequential",
    """
import { tensor, nn, F } from "backstep";

const net = new nn.Sequential(new nn.Linear(2, 3), new nn.GELU(), new nn.Linear(3, 1));
net.loadStateDict({
  "0.weight": tensor($w1),
  "0.bias": tensor($b1),
  "2.weight": tensor($w2),
  "2.bias": tensor($b2),
});
const x = tensor($x, { requiresGrad: true });
const y = tensor($y);
F.mseLoss(net.forward(x).squeeze(1), y).backward();
""",
    sequential,
    w1=values(3, 2),
    b1=values(3),
    w2=values(1, 3),
    b2=values(1),
    x=values(4, 2),
    y=values(4),
)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(4, 12, bias=False)
        self.out = nn.Linear(4, 4, bias=False)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, -1)
        mask = torch.ones(3, 3, dtype=torch.bool).triu(1)
        scores = (q @ k.transpose(-2, -1) / 2).masked_fill(mask, float("-inf"))
        return self.out(scores.softmax(-1) @ v)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn = Attention()
        self.norm = nn.LayerNorm(4)

    def forward(self, x):
        return self.norm(x + self.attn(x))


def attention(r, qkv, out, gain, shift, x):
    net = load(Encoder(), attn__qkv__weight=qkv, attn__out__weight=out, norm__weight=gain, norm__bias=shift)
    r.module_backward(net(t(x)).pow(3).mean(), net)


model(
    "attention",
    """
import { tensor, ones, nn, type Tensor } from "backstep";

class Attention extends nn.Module {
  qkv = new nn.Linear(4, 12, { bias: false });
  out = new nn.Linear(4, 4, { bias: false });
  forward(x: Tensor) {
    const [q, k, v] = this.qkv.forward(x).chunk(3, -1);
    const mask = ones([3, 3], { dtype: "bool" }).triu(1);
    const scores = q.matmul(k.transpose(-2, -1)).div(2).maskedFill(mask, -Infinity);
    return this.out.forward(scores.softmax(-1).matmul(v));
  }
}
class Encoder extends nn.Module {
  attn = new Attention();
  norm = new nn.LayerNorm(4);
  forward(x: Tensor) {
    return this.norm.forward(x.add(this.attn.forward(x)));
  }
}

const encoder = new Encoder();
encoder.loadStateDict({
  "attn.qkv.weight": tensor($qkv),
  "attn.out.weight": tensor($out),
  "norm.weight": tensor($gain),
  "norm.bias": tensor($shift),
});
const x = tensor($x);
encoder.forward(x).pow(3).mean().backward();
""",
    attention,
    qkv=values(12, 4),
    out=values(4, 4),
    gain=values(4),
    shift=values(4),
    x=values(2, 3, 4),
)


class Conv(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3, padding=1)
        self.bn = nn.BatchNorm2d(2)
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(F.max_pool2d(F.relu(self.bn(self.conv(x))), 2).flatten(1))


def convolution(r, w, b, gain, shift, fw, fb, x, target):
    net = Conv()
    state = {"conv.weight": w, "conv.bias": b, "bn.weight": gain, "bn.bias": shift, "fc.weight": fw, "fc.bias": fb}
    net.load_state_dict({key: t(v) for key, v in state.items()}, strict=False)
    opt = optim.SGD(net.parameters(), lr=0.1)
    for _ in range(2):
        opt.zero_grad()
        r.module_backward(F.cross_entropy(net(t(x)), t(target, torch.int64)), net)
        opt.step()
    net.eval()
    opt.zero_grad()
    r.module_backward(F.cross_entropy(net(t(x)), t(target, torch.int64)), net)
    for i in range(2):
        r.log(net.bn.running_mean[i])
        r.log(net.bn.running_var[i])


model(
    "convolution",
    """
import { tensor, zeros, ones, nn, optim, F, type Tensor } from "backstep";

class Net extends nn.Module {
  conv = new nn.Conv2d(1, 2, 3, { padding: 1 });
  bn = new nn.BatchNorm2d(2);
  fc = new nn.Linear(8, 2);
  forward(x: Tensor) {
    return this.fc.forward(F.maxPool2d(F.relu(this.bn.forward(this.conv.forward(x))), 2).flatten(1));
  }
}

const net = new Net();
net.loadStateDict({
  "conv.weight": tensor($w),
  "conv.bias": tensor($b),
  "bn.weight": tensor($gain),
  "bn.bias": tensor($shift),
  "bn.running_mean": zeros([2]),
  "bn.running_var": ones([2]),
  "fc.weight": tensor($fw),
  "fc.bias": tensor($fb),
});
const x = tensor($x);
const target = tensor($target, { dtype: "int64" });
const opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let step = 0; step < 2; step++) {
  opt.zeroGrad();
  F.crossEntropy(net.forward(x), target).backward();
  opt.step();
}
net.eval();
opt.zeroGrad();
F.crossEntropy(net.forward(x), target).backward();
for (let i = 0; i < 2; i++) {
  console.log(net.bn.runningMean.select(0, i).item());
  console.log(net.bn.runningVar.select(0, i).item());
}
""",
    convolution,
    w=values(2, 1, 3, 3),
    b=values(2),
    gain=values(2),
    shift=values(2),
    fw=values(2, 8),
    fb=values(2),
    x=values(3, 1, 4, 4),
    target=classes(2, 3),
)


def lstm(r, w, u, b, c, fw, fb, x, target):
    rnn = load(nn.LSTM(2, 3, batch_first=True), weight_ih_l0=w, weight_hh_l0=u, bias_ih_l0=b, bias_hh_l0=c)
    head = load(nn.Linear(3, 2), weight=fw, bias=fb)
    output, _ = rnn(t(x))
    loss = F.cross_entropy(head(output[:, -1]), t(target, torch.int64))
    named = {f"rnn.{k}": p for k, p in rnn.named_parameters()} | {f"head.{k}": p for k, p in head.named_parameters()}
    r.backward(loss, leaves=named)


model(
    "lstm",
    """
import { tensor, nn, F, type Tensor } from "backstep";

class Classifier extends nn.Module {
  rnn = new nn.LSTM(2, 3, { batchFirst: true });
  head = new nn.Linear(3, 2);
  forward(x: Tensor) {
    const [output] = this.rnn.forward(x);
    return this.head.forward(output.select(1, -1));
  }
}

const net = new Classifier();
net.loadStateDict({
  "rnn.weight_ih_l0": tensor($w),
  "rnn.weight_hh_l0": tensor($u),
  "rnn.bias_ih_l0": tensor($b),
  "rnn.bias_hh_l0": tensor($c),
  "head.weight": tensor($fw),
  "head.bias": tensor($fb),
});
const x = tensor($x);
const target = tensor($target, { dtype: "int64" });
F.crossEntropy(net.forward(x), target).backward();
""",
    lstm,
    w=values(12, 2),
    u=values(12, 3),
    b=values(12),
    c=values(12),
    fw=values(2, 3),
    fb=values(2),
    x=values(2, 4, 2),
    target=classes(2, 2),
)


def gru_cell(r, w, u, b, c, x, h):
    cell = load(nn.GRUCell(2, 3), weight_ih=w, weight_hh=u, bias_ih=b, bias_hh=c)
    x, h = t(x), leaf(h)
    state = h
    for i in range(3):
        state = cell(x[i], state)
    r.backward(state.pow(2).sum(), leaves={**dict(cell.named_parameters()), "h0": h})


model(
    "gru-cell",
    """
import { tensor, nn } from "backstep";

const cell = new nn.GRUCell(2, 3);
cell.loadStateDict({
  weight_ih: tensor($w),
  weight_hh: tensor($u),
  bias_ih: tensor($b),
  bias_hh: tensor($c),
});
const x = tensor($x);
const h0 = tensor($h, { requiresGrad: true });
let h = h0;
for (let i = 0; i < 3; i++) h = cell.forward(x.select(0, i), h);
h.pow(2).sum().backward();
""",
    gru_cell,
    w=values(9, 2),
    u=values(9, 3),
    b=values(9),
    c=values(9),
    x=values(3, 1, 2),
    h=values(1, 3),
)


def embedding(r, table, w, ids, target):
    embed = load(nn.Embedding(5, 3, padding_idx=0), weight=table)
    w = leaf(w)
    h = embed(t(ids, torch.int64)).mean(1)
    r.backward(F.cross_entropy(h @ w, t(target, torch.int64)), leaves={"weight": embed.weight, "w": w})


model(
    "embedding",
    """
import { tensor, nn, F } from "backstep";

const embed = new nn.Embedding(5, 3, { paddingIdx: 0 });
embed.loadStateDict({ weight: tensor($table) });
const w = tensor($w, { requiresGrad: true });
const ids = tensor($ids, { dtype: "int64" });
const target = tensor($target, { dtype: "int64" });
const h = embed.forward(ids).mean(1);
F.crossEntropy(h.matmul(w), target).backward();
""",
    embedding,
    table=values(5, 3),
    w=values(3, 4),
    ids=classes(5, 2, 3),
    target=classes(4, 2),
)


class Scale(nn.Module):
    def __init__(self, start):
        super().__init__()
        self.log_scale = nn.Parameter(t(start))

    def forward(self, x):
        return x * self.log_scale.exp()


def parameter(r, start, x):
    scale = Scale(start)
    opt = optim.Adam(scale.parameters(), lr=0.1)
    for _ in range(3):
        opt.zero_grad()
        r.module_backward((scale(t(x)).std(0) - 1).square().sum(), scale)
        opt.step()


model(
    "parameter",
    """
import { tensor, nn, optim, type Tensor } from "backstep";

class Scale extends nn.Module {
  logScale = new nn.Parameter(tensor($start));
  forward(x: Tensor) {
    return x.mul(this.logScale.exp());
  }
}

const scale = new Scale();
const opt = new optim.Adam(scale.parameters(), { lr: 0.1 });
const x = tensor($x);
for (let step = 0; step < 3; step++) {
  opt.zeroGrad();
  scale.forward(x).std(0).sub(1).square().sum().backward();
  opt.step();
}
""",
    parameter,
    start=values(2),
    x=values(5, 2),
)


def tied(r, table, ids, target):
    embed = load(nn.Embedding(4, 3), weight=table)
    h = embed(t(ids, torch.int64)).tanh()
    r.backward(F.cross_entropy(h @ embed.weight.t(), t(target, torch.int64)), leaves={"weight": embed.weight})


model(
    "tied-weights",
    """
import { tensor, nn, F } from "backstep";

const embed = new nn.Embedding(4, 3);
embed.loadStateDict({ weight: tensor($table) });
const ids = tensor($ids, { dtype: "int64" });
const target = tensor($target, { dtype: "int64" });
const h = embed.forward(ids).tanh();
F.crossEntropy(h.matmul(embed.weight.t()), target).backward();
""",
    tied,
    table=values(4, 3),
    ids=classes(4, 3),
    target=classes(4, 3),
)
