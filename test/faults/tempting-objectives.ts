import type { TemptingProgram } from "./program.ts";

/** Right programs whose losses or targets look odd: none of them is to be called wrong. */
export const TEMPTING_OBJECTIVES: readonly TemptingProgram[] = [
  {
    about: "masked language model, ignoreIndex",
    program: `const emb = new nn.Embedding(20, 12),
  out = new nn.Linear(12, 20),
  opt = new optim.AdamW([...emb.parameters(), ...out.parameters()], { lr: 3e-3 });
for (let i = 0; i < 12; i++) {
  const t = randint(1, 20, [8, 6]),
    hide = rand([8, 6]).gt(0.7),
    seen = t.maskedFill(hide, 0),
    want = where(hide, t, full([8, 6], -100, { dtype: "int64" }));
  const ctx = emb.forward(seen),
    h = ctx.add(ctx.mean(1, true));
  opt.zeroGrad();
  F.crossEntropy(out.forward(h).view(48, 20), want.view(48), { ignoreIndex: -100 }).backward();
  opt.step();
}
`,
  },
  {
    about: "CLIP contrastive loss with arange labels and learned temperature",
    program: `const a = new nn.Linear(8, 6),
  b = new nn.Linear(5, 6),
  t = tensor([2.6]).requiresGrad_(),
  opt = new optim.Adam([...a.parameters(), ...b.parameters(), t], { lr: 3e-3 });
const mixA = randn([4, 8]),
  mixB = randn([4, 5]);
for (let i = 0; i < 12; i++) {
  const z = randn([16, 4]),
    u = F.normalize(a.forward(z.matmul(mixA)), { dim: 1 }),
    v = F.normalize(b.forward(z.matmul(mixB)), { dim: 1 });
  const s = u.matmul(v.t()).mul(t.exp()),
    lab = arange(0, 16, 1, { dtype: "int64" });
  opt.zeroGrad();
  F.crossEntropy(s, lab).add(F.crossEntropy(s.t(), lab)).div(2).backward();
  opt.step();
}
`,
  },
  {
    about: "distillation, softened teacher probabilities",
    program: `const teacher = new nn.Linear(6, 4),
  pupil = new nn.Sequential(new nn.Linear(6, 8), new nn.ReLU(), new nn.Linear(8, 4)),
  opt = new optim.Adam(pupil.parameters(), { lr: 0.01 });
for (let i = 0; i < 15; i++) {
  const x = randn([32, 6]),
    soft = noGrad(() => teacher.forward(x).div(2).softmax(1));
  opt.zeroGrad();
  F.klDiv(pupil.forward(x).div(2).logSoftmax(1), soft, { reduction: "batchmean" }).mul(4).backward();
  opt.step();
}
`,
  },
  {
    about: "crossEntropy with soft targets (mixup)",
    program: `const net = new nn.Linear(6, 3),
  opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let i = 0; i < 15; i++) {
  const x = randn([32, 6]),
    y = F.oneHot(x.narrow(1, 0, 3).argmax(1), 3).float(),
    l = 0.3,
    p = randperm(32);
  opt.zeroGrad();
  F.crossEntropy(net.forward(x.mul(l).add(x.indexSelect(0, p).mul(1 - l))), y.mul(l).add(y.indexSelect(0, p).mul(1 - l))).backward();
  opt.step();
}
`,
  },
  {
    about: "DQN with a target network copied now and then",
    program: `const mk = () => new nn.Sequential(new nn.Linear(4, 16), new nn.ReLU(), new nn.Linear(16, 2));
const q = mk(),
  target = mk();
target.loadStateDict(q.stateDict());
const opt = new optim.Adam(q.parameters(), { lr: 1e-3 });
for (let i = 0; i < 30; i++) {
  const s = randn([32, 4]),
    a = randint(0, 2, [32, 1]),
    r = s.select(1, 0),
    done = rand([32]).lt(0.1).float();
  const y = noGrad(() => r.add(target.forward(s.add(0.1)).amax(1).mul(0.95).mul(done.neg().add(1))));
  opt.zeroGrad();
  F.huberLoss(q.forward(s).gather(1, a).squeeze(1), y).backward();
  nn.utils.clipGradNorm_([...q.parameters()], 10);
  opt.step();
  if (i % 10 === 9) target.loadStateDict(q.stateDict());
}
`,
  },
  {
    about: "PPO's clipped surrogate",
    program: `const pi = new nn.Sequential(new nn.Linear(4, 16), new nn.Tanh(), new nn.Linear(16, 3)),
  opt = new optim.Adam(pi.parameters(), { lr: 3e-3 });
for (let it = 0; it < 4; it++) {
  const s = randn([64, 4]),
    act = noGrad(() => pi.forward(s).softmax(1)).multinomial(1),
    adv = s.gather(1, act.clamp(0, 3)).squeeze(1);
  const old = noGrad(() => pi.forward(s).logSoftmax(1).gather(1, act).squeeze(1)),
    norm = adv.sub(adv.mean()).div(adv.std());
  for (let e = 0; e < 4; e++) {
    const ratio = pi.forward(s).logSoftmax(1).gather(1, act).squeeze(1).sub(old).exp();
    const loss = ratio.mul(norm).minimum(ratio.clamp(0.8, 1.2).mul(norm)).mean().neg();
    opt.zeroGrad();
    loss.backward();
    opt.step();
  }
}
`,
  },
  {
    about: "normalising flow, negative log likelihood below zero",
    program: `const s = new nn.Linear(1, 1),
  t = new nn.Linear(1, 1),
  opt = new optim.Adam([...s.parameters(), ...t.parameters()], { lr: 0.02 });
for (let i = 0; i < 40; i++) {
  const x = randn([64, 2]).mul(0.05),
    a = x.narrow(1, 0, 1),
    b = x.narrow(1, 1, 1),
    ls = s.forward(a),
    z = b.mul(ls.exp()).add(t.forward(a));
  const nll = z.square().add(a.square()).mul(0.5).sub(ls).sum(1).mean();
  opt.zeroGrad();
  nll.backward();
  opt.step();
}
`,
  },
  {
    about: "mixture density network",
    program: `const net = new nn.Sequential(new nn.Linear(1, 16), new nn.Tanh(), new nn.Linear(16, 9)),
  opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 15; i++) {
  const x = rand([64, 1]).mul(2).sub(1),
    y = x.pow(3).add(randn([64, 1]).mul(0.1));
  const [w, m, ls] = net.forward(x).chunk(3, 1) as [Tensor, Tensor, Tensor];
  const lp = y.sub(m).div(ls.exp()).square().mul(-0.5).sub(ls).add(w.logSoftmax(1));
  opt.zeroGrad();
  lp.logsumexp(1).mean().neg().backward();
  opt.step();
}
`,
  },
  {
    about: "WGAN with weight clipping",
    program: `const G = new nn.Linear(3, 2),
  D = new nn.Sequential(new nn.Linear(2, 16), new nn.ReLU(), new nn.Linear(16, 1)),
  og = new optim.RMSprop(G.parameters(), { lr: 5e-4 }),
  od = new optim.RMSprop(D.parameters(), { lr: 5e-4 });
for (let i = 0; i < 12; i++) {
  for (let k = 0; k < 3; k++) {
    od.zeroGrad();
    D.forward(G.forward(randn([16, 3])).detach())
      .mean()
      .sub(D.forward(randn([16, 2]).add(1)).mean())
      .backward();
    od.step();
    noGrad(() => {
      for (const p of D.parameters()) p.clamp_(-0.1, 0.1);
    });
  }
  og.zeroGrad();
  D.forward(G.forward(randn([16, 3])))
    .mean()
    .neg()
    .backward();
  og.step();
}
`,
  },
  {
    about: "BYOL with a moving average",
    program: `const mk = () => new nn.Sequential(new nn.Linear(6, 12), new nn.ReLU(), new nn.Linear(12, 6));
const on = mk(),
  tg = mk(),
  pred = new nn.Linear(6, 6);
tg.loadStateDict(on.stateDict());
const opt = new optim.SGD([...on.parameters(), ...pred.parameters()], { lr: 0.05 });
for (let i = 0; i < 12; i++) {
  const x = randn([24, 6]),
    p = F.normalize(pred.forward(on.forward(x.add(randn([24, 6]).mul(0.1)))), { dim: 1 }),
    z = noGrad(() => F.normalize(tg.forward(x), { dim: 1 }));
  opt.zeroGrad();
  p.sub(z).square().sum(1).mean().backward();
  opt.step();
  noGrad(() => {
    const a = [...on.parameters()],
      b = [...tg.parameters()];
    for (let k = 0; k < a.length; k++) b[k]!.mul_(0.95).add_(a[k]!.mul(0.05));
  });
}
`,
  },
  {
    about: "L-norm gradient penalty through createGraph",
    program: `const D = new nn.Sequential(new nn.Linear(3, 16), new nn.Tanh(), new nn.Linear(16, 1)),
  opt = new optim.Adam(D.parameters(), { lr: 1e-3, betas: [0, 0.9] });
for (let i = 0; i < 10; i++) {
  const x = randn([16, 3]).requiresGrad_(),
    [g] = autograd.grad(D.forward(x).sum(), [x], { createGraph: true });
  const gp = g!.square().sum(1).add(1e-12).sqrt().sub(1).square().mean();
  opt.zeroGrad();
  D.forward(randn([16, 3]))
    .mean()
    .sub(D.forward(randn([16, 3]).add(1)).mean())
    .add(gp.mul(10))
    .backward();
  opt.step();
}
`,
  },
  {
    about: "a physics-informed network",
    program: `const u = new nn.Sequential(new nn.Linear(1, 16), new nn.Tanh(), new nn.Linear(16, 1)),
  opt = new optim.Adam(u.parameters(), { lr: 5e-3 });
for (let i = 0; i < 20; i++) {
  const t = rand([32, 1]).requiresGrad_(),
    y = u.forward(t),
    [dy] = autograd.grad(y.sum(), [t], { createGraph: true });
  const start = u
    .forward(zeros([1, 1]))
    .sub(1)
    .square()
    .mean();
  opt.zeroGrad();
  dy!.add(y).square().mean().add(start).backward();
  opt.step();
}
`,
  },
  {
    about: "input optimisation: feature visualisation with a frozen net",
    program: `const net = new nn.Sequential(new nn.Linear(8, 16), new nn.ReLU(), new nn.Linear(16, 3));
for (const p of net.parameters()) p.requiresGrad_(false);
const img = randn([1, 8]).requiresGrad_(),
  opt = new optim.Adam([img], { lr: 0.05 });
for (let i = 0; i < 20; i++) {
  opt.zeroGrad();
  net.forward(img).select(1, 2).mean().neg().add(img.square().mean().mul(0.1)).backward();
  opt.step();
}
`,
  },
  {
    about: "a MAML-like inner step",
    program: `const w = randn([1, 1]).mul(0.1).requiresGrad_(),
  b = zeros([1]).requiresGrad_(),
  opt = new optim.Adam([w, b], { lr: 0.01 });
for (let i = 0; i < 12; i++) {
  opt.zeroGrad();
  let meta = zeros([]);
  for (let k = 0; k < 3; k++) {
    const slope = 1 + k,
      x = randn([10, 1]),
      y = x.mul(slope);
    const [gw, gb] = autograd.grad(F.mseLoss(x.matmul(w).add(b), y), [w, b], { createGraph: true });
    const x2 = randn([10, 1]);
    meta = meta.add(F.mseLoss(x2.matmul(w.sub(gw!.mul(0.1))).add(b.sub(gb!.mul(0.1))), x2.mul(slope)));
  }
  meta.div(3).backward();
  opt.step();
}
`,
  },
  {
    about: "Brier score of a softmax written out, and attention with weights written out",
    program: `const q = new nn.Linear(4, 4), out = new nn.Linear(4, 4);
const opt = new optim.Adam([...q.parameters(), ...out.parameters()], { lr: 1e-2 });
const x = randn([32, 4]), y = x.argmax(1), keys = randn([5, 4]);
const normalised = (e: Tensor) => e.div(e.sum(1, true));
for (let i = 0; i < 8; i++) {
  const z = out.forward(x.add(normalised(q.forward(x).matmul(keys.t()).exp()).matmul(keys)));
  const brier = normalised(z.exp()).sub(F.oneHot(y, 4).float()).square().sum(1).mean();
  opt.zeroGrad();
  F.crossEntropy(z, y).add(brier).backward();
  opt.step();
}
`,
  },
  {
    about: "scores gated by sigmoids written out",
    program: `const net = new nn.Linear(3, 1), opt = new optim.Adam(net.parameters(), { lr: 1e-2 });
const x = randn([32, 3]), y = x.sum(1, true).gt(0).float();
for (let i = 0; i < 8; i++) {
  const z = net.forward(x);
  opt.zeroGrad();
  F.binaryCrossEntropyWithLogits(z.mul(z.neg().exp().add(1).reciprocal()), y).backward();
  opt.step();
}
`,
  },
  {
    about: "layers near the input, scaled and frozen inside noGrad",
    program: `const first = new nn.Linear(3, 8), second = new nn.Linear(8, 8), last = new nn.Linear(8, 1);
const opt = new optim.Adam([first, second, last].flatMap((one) => [...one.parameters()]), { lr: 1e-2 });
noGrad(() => {
  for (const p of [...first.parameters(), ...second.parameters()]) {
    p.mul_(0.9);
    p.requiresGrad = false;
  }
});
const x = randn([32, 3]), y = x.sum(1, true);
for (let i = 0; i < 8; i++) {
  opt.zeroGrad();
  F.mseLoss(last.forward(second.forward(first.forward(x).tanh()).tanh()), y).backward();
  opt.step();
}
`,
  },
];
