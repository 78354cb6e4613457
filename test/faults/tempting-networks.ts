import type { TemptingProgram } from "./program.ts";

/** Right programs whose networks or loops look odd: none of them is to be called wrong. */
export const TEMPTING_NETWORKS: readonly TemptingProgram[] = [
  {
    about: "weight tying language model",
    program: `const emb = new nn.Embedding(12, 16),
  mid = new nn.Linear(16, 16),
  opt = new optim.Adam([...emb.parameters(), ...mid.parameters()], { lr: 3e-3 });
for (let i = 0; i < 15; i++) {
  const t = randint(0, 12, [40]);
  opt.zeroGrad();
  F.crossEntropy(F.linear(mid.forward(emb.forward(t)).tanh(), emb.weight), t.add(1).remainder(12)).backward();
  opt.step();
}
`,
  },
  {
    about: "zero-initialised residual branch and last layer",
    program: `class Block extends nn.Module {
  a = new nn.Linear(8, 8);
  b = new nn.Linear(8, 8);
  constructor() {
    super();
    nn.init.zeros_(this.b.weight);
    nn.init.zeros_(this.b.bias!);
  }
  forward(x: Tensor) {
    return x.add(this.b.forward(this.a.forward(x).relu()));
  }
}
const net = new nn.Sequential(new nn.Linear(4, 8), new Block(), new Block(), new nn.Linear(8, 1)),
  opt = new optim.Adam(net.parameters(), { lr: 1e-2 });
for (let i = 0; i < 15; i++) {
  const x = randn([32, 4]);
  opt.zeroGrad();
  F.mseLoss(net.forward(x), x.square().sum(1, true)).backward();
  opt.step();
}
`,
  },
  {
    about: "LoRA with B at zero and a frozen base",
    program: `const base = new nn.Linear(8, 3);
for (const p of base.parameters()) p.requiresGrad_(false);
const A = randn([2, 8]).mul(0.3).requiresGrad_(),
  B = zeros([3, 2], { requiresGrad: true }),
  opt = new optim.Adam([A, B], { lr: 0.02 });
for (let i = 0; i < 15; i++) {
  const x = randn([32, 8]);
  opt.zeroGrad();
  F.crossEntropy(base.forward(x).add(x.matmul(A.t()).matmul(B.t())), x.narrow(1, 0, 3).argmax(1)).backward();
  opt.step();
}
`,
  },
  {
    about: "VAE summed over pixels with KL warm-up",
    program: `const e = new nn.Linear(10, 8),
  d = new nn.Linear(4, 10),
  opt = new optim.Adam([...e.parameters(), ...d.parameters()], { lr: 5e-3 });
const base = randn([4, 10]);
for (let i = 0; i < 40; i++) {
  const x = randn([64, 4]).matmul(base),
    [m, lv] = e.forward(x).chunk(2, 1) as [Tensor, Tensor];
  const rec = d
    .forward(
      m.add(
        lv
          .mul(0.5)
          .exp()
          .mul(randn([64, 4])),
      ),
    )
    .sub(x)
    .square()
    .sum(1)
    .mean();
  const kl = lv.add(1).sub(m.square()).sub(lv.exp()).sum(1).mean().mul(-0.5);
  opt.zeroGrad();
  rec.add(kl.mul(Math.min(1, i / 20))).backward();
  opt.step();
}
`,
  },
  {
    about: "gumbel-softmax straight through",
    program: `const enc = new nn.Linear(6, 4),
  dec = new nn.Linear(4, 6),
  opt = new optim.Adam([...enc.parameters(), ...dec.parameters()], { lr: 0.01 });
for (let i = 0; i < 15; i++) {
  const x = F.oneHot(randint(0, 6, [32]), 6).float(),
    g = rand([32, 4])
      .clamp(1e-6, 1 - 1e-6)
      .log()
      .neg()
      .log()
      .neg();
  const soft = enc.forward(x).add(g).softmax(1),
    hard = F.oneHot(soft.argmax(1), 4).float(),
    z = hard.sub(soft).detach().add(soft);
  opt.zeroGrad();
  F.crossEntropy(dec.forward(z), x.argmax(1)).backward();
  opt.step();
}
`,
  },
  {
    about: "accumulation over four, divided, with a last step",
    program: `const net = new nn.Sequential(new nn.Linear(6, 8), new nn.ReLU(), new nn.Linear(8, 2)),
  opt = new optim.AdamW(net.parameters(), { lr: 1e-2 });
for (let i = 0; i < 24; i++) {
  const x = randn([8, 6]);
  F.crossEntropy(net.forward(x), x.select(1, 0).gt(0).to("int64")).div(4).backward();
  if (i % 4 === 3) {
    opt.step();
    opt.zeroGrad();
  }
}
`,
  },
  {
    about: "accumulation by hand over shards, summed losses",
    program: `const w = randn([5, 2]).mul(0.1).requiresGrad_(),
  X = randn([40, 5]),
  Y = X.narrow(1, 0, 2).argmax(1);
for (let i = 0; i < 10; i++) {
  for (let s = 0; s < 40; s += 10)
    F.crossEntropy(X.narrow(0, s, 10).matmul(w), Y.narrow(0, s, 10), { reduction: "sum" })
      .div(40)
      .backward();
  noGrad(() => {
    w.sub_(w.grad!.mul(0.5));
    w.grad!.zero_();
  });
}
`,
  },
  {
    about: "truncated backpropagation with a carried, detached state",
    program: `const rnn = new nn.GRUCell(3, 8),
  out = new nn.Linear(8, 3),
  opt = new optim.Adam([...rnn.parameters(), ...out.parameters()], { lr: 5e-3 });
let h = zeros([8, 8]);
for (let c = 0; c < 10; c++) {
  const xs = randn([5, 8, 3]);
  h = h.detach();
  let loss = zeros([]);
  let before = zeros([8, 3]);
  for (let t = 0; t < 5; t++) {
    h = rnn.forward(xs.select(0, t), h);
    loss = loss.add(F.mseLoss(out.forward(h), before));
    before = xs.select(0, t);
  }
  opt.zeroGrad();
  loss.div(5).backward();
  opt.step();
}
`,
  },
  {
    about: "embedding rows that a batch does not use, with padding",
    program: `const e = new nn.Embedding(500, 8, { paddingIdx: 0 }),
  l = new nn.Linear(8, 2),
  opt = new optim.Adam([...e.parameters(), ...l.parameters()], { lr: 0.01 });
for (let i = 0; i < 12; i++) {
  const t = randint(0, 60, [16, 5]);
  opt.zeroGrad();
  F.crossEntropy(l.forward(e.forward(t).sum(1)), t.select(1, 0).remainder(2)).backward();
  opt.step();
}
`,
  },
  {
    about: "warm-up from nothing, then cosine",
    program: `const net = new nn.Linear(4, 1),
  opt = new optim.Adam(net.parameters(), { lr: 0.02 }),
  X = randn([64, 4]),
  Y = X.sum(1, true);
for (let i = 0; i < 60; i++) {
  for (const g of opt.paramGroups) g.lr = i < 10 ? (0.02 * i) / 10 : 0.01 * (1 + Math.cos((Math.PI * (i - 10)) / 50));
  opt.zeroGrad();
  F.mseLoss(net.forward(X), Y).backward();
  opt.step();
}
`,
  },
  {
    about: "sparse autoencoder whose code is mostly zero",
    program: `const e = new nn.Linear(8, 32),
  d = new nn.Linear(32, 8),
  opt = new optim.Adam([...e.parameters(), ...d.parameters()], { lr: 5e-3 });
for (let i = 0; i < 25; i++) {
  const x = randn([64, 8]),
    z = e.forward(x.sub(d.bias!)).relu();
  opt.zeroGrad();
  d.forward(z).sub(x).square().sum(1).mean().add(z.abs().sum(1).mean().mul(0.05)).backward();
  opt.step();
}
`,
  },
  {
    about: "mixture of experts with top-1 routing",
    program: `const gate = new nn.Linear(6, 3),
  experts = new nn.ModuleList([0, 1, 2].map(() => new nn.Linear(6, 2))),
  opt = new optim.Adam([...gate.parameters(), ...experts.parameters()], { lr: 5e-3 });
for (let i = 0; i < 15; i++) {
  const x = randn([32, 6]),
    p = gate.forward(x).softmax(1),
    top = p.topk(1, 1);
  const all = stack(
      [...experts].map((m) => (m as nn.Linear).forward(x)),
      1,
    ),
    pick = all
      .gather(1, top.indices.unsqueeze(2).expand(32, 1, 2))
      .squeeze(1)
      .mul(top.values);
  opt.zeroGrad();
  F.mseLoss(pick, x.narrow(1, 0, 2).abs()).backward();
  opt.step();
}
`,
  },
  {
    about: "overfitting a single batch on purpose",
    program: `const net = new nn.Sequential(new nn.Linear(6, 32), new nn.ReLU(), new nn.Linear(32, 3)),
  opt = new optim.Adam(net.parameters(), { lr: 0.01 }),
  x = randn([8, 6]),
  y = randint(0, 3, [8]);
for (let i = 0; i < 80; i++) {
  opt.zeroGrad();
  F.crossEntropy(net.forward(x), y).backward();
  opt.step();
}
`,
  },
  {
    about: "fine-tuning with a small rate, from a good start",
    program: `const w = tensor([[1.01], [1.99]]).requiresGrad_(),
  opt = new optim.SGD([w], { lr: 1e-4 });
for (let i = 0; i < 30; i++) {
  const x = randn([32, 2]),
    y = x.matmul(tensor([[1], [2]])).add(randn([32, 1]).mul(0.1));
  opt.zeroGrad();
  F.mseLoss(x.matmul(w), y).backward();
  opt.step();
}
`,
  },
  {
    about: "detection head: several losses, sigmoid for boxes, focal for scores",
    program: `const body = new nn.Linear(10, 16),
  cls = new nn.Linear(16, 1),
  box = new nn.Linear(16, 4),
  opt = new optim.AdamW([...body.parameters(), ...cls.parameters(), ...box.parameters()], { lr: 3e-3 });
for (let i = 0; i < 15; i++) {
  const x = randn([48, 10]),
    h = body.forward(x).relu(),
    z = cls.forward(h).squeeze(1),
    t = x.select(1, 0).gt(1).float(),
    where1 = x.narrow(1, 1, 4).sigmoid();
  const ce = F.binaryCrossEntropyWithLogits(z, t, { reduction: "none" }),
    pt = ce.neg().exp();
  const focal = pt
      .neg()
      .add(1)
      .square()
      .mul(ce)
      .sum()
      .div(t.sum().clamp({ min: 1 })),
    l1 = box
      .forward(h)
      .sigmoid()
      .sub(where1)
      .abs()
      .mul(t.unsqueeze(1))
      .sum()
      .div(t.sum().clamp({ min: 1 }));
  opt.zeroGrad();
  focal.add(l1.mul(2)).backward();
  opt.step();
}
`,
  },
  {
    about: "evaluation between epochs with the mode set back",
    program: `const net = new nn.Sequential(new nn.Linear(5, 12), new nn.BatchNorm1d(12), new nn.ReLU(), new nn.Dropout(0.2), new nn.Linear(12, 2)),
  opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let e = 0; e < 4; e++) {
  net.train();
  for (let b = 0; b < 4; b++) {
    const x = randn([16, 5]);
    opt.zeroGrad();
    F.crossEntropy(net.forward(x), x.select(1, 0).gt(0).to("int64")).backward();
    opt.step();
  }
  net.eval();
  noGrad(() => net.forward(randn([32, 5])));
}
`,
  },
  {
    about: "numbers read in training mode of layers that do not mind it",
    program: `const net = new nn.Sequential(new nn.Linear(5, 12), new nn.BatchNorm1d(12, { trackRunningStats: false }), new nn.ReLU(), new nn.Dropout(0), new nn.Linear(12, 2)),
  opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 8; i++) {
  const x = randn([16, 5]), y = x.select(1, 0).gt(0).to("int64");
  opt.zeroGrad();
  F.crossEntropy(net.forward(x), y).backward();
  opt.step();
  noGrad(() => F.crossEntropy(net.forward(x), y).item());
}
`,
  },
  {
    about: "a U-shaped net with skips and batch norm after biased convolutions",
    program: `const c1 = new nn.Conv2d(1, 4, 3, { padding: 1 }),
  n1 = new nn.BatchNorm2d(4),
  c2 = new nn.Conv2d(4, 8, 3, { padding: 1 }),
  up = new nn.ConvTranspose2d(8, 4, 2, { stride: 2 }),
  c3 = new nn.Conv2d(8, 1, 1);
const opt = new optim.Adam(
  [c1, n1, c2, up, c3].flatMap((m) => [...m.parameters()]),
  { lr: 2e-3 },
);
for (let i = 0; i < 8; i++) {
  const x = randn([4, 1, 8, 8]),
    y = x.gt(0).float(),
    a = n1.forward(c1.forward(x)).relu(),
    b = c2.forward(F.maxPool2d(a, 2)).relu(),
    o = c3.forward(cat([a, up.forward(b)], 1));
  opt.zeroGrad();
  F.binaryCrossEntropyWithLogits(o, y).backward();
  opt.step();
}
`,
  },
  {
    about: "three steps, large and right, over twenty parts each",
    program: `const net = new nn.Linear(6, 1), opt = new optim.SGD(net.parameters(), { lr: 0.15 });
for (let i = 0; i < 60; i++) {
  const x = randn([8, 6]);
  F.mseLoss(net.forward(x), x.sum(1, true)).div(20).backward();
  if (i % 20 === 19) {
    opt.step();
    opt.zeroGrad();
  }
}
`,
  },
  {
    about: "one normalisation put in evaluation before there is an optimizer, and frozen",
    program: `class Net extends nn.Module {
  first = new nn.Linear(4, 8);
  norm = new nn.BatchNorm1d(8);
  last = new nn.Linear(8, 1);
  override forward(x: Tensor): Tensor { return this.last.forward(this.norm.forward(this.first.forward(x)).relu()); }
}
const net = new Net(), x = randn([32, 4]), y = x.sum(1, true);
net.norm.eval();
for (const p of net.norm.parameters()) p.requiresGrad_(false);
const opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 6; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
}
`,
  },
  {
    about: "a projection before an output that is tied to the embedding, which has two names",
    program: `class Net extends nn.Module {
  table = new nn.Embedding(7, 8);
  shared = this.table;
  hidden = new nn.Linear(8, 12);
  project = new nn.Linear(12, 8);
  out = new nn.Linear(8, 7, { bias: false });
  constructor() {
    super();
    this.out.weight = this.table.weight;
  }
  override forward(ids: Tensor): Tensor {
    return this.out.forward(this.project.forward(this.hidden.forward(this.table.forward(ids)).tanh()));
  }
}
const net = new Net(), opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 6; i++) {
  const ids = randint(0, 7, [32]);
  opt.zeroGrad();
  F.crossEntropy(net.forward(ids), ids.add(1).remainder(7)).backward();
  opt.step();
}
`,
  },
];
