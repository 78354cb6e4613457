import assert from "node:assert/strict";
import * as torch from "../../../engine/index.ts";
import { distributions, F, nn, optim, type Tensor } from "../../../engine/index.ts";

/** Trains as a PyTorch user writes it. @returns the first and the last loss. */
function train(model: nn.Module, lossOf: () => Tensor, lr: number, steps: number): readonly [number, number] {
  const optimizer = new optim.AdamW(model.parameters(), { lr });
  const scheduler = new optim.lrScheduler.CosineAnnealingLR(optimizer, steps);
  const losses: number[] = [];
  model.train();
  for (let step = 0; step < steps; step++) {
    const loss = lossOf();
    optimizer.zeroGrad({ setToNone: true });
    loss.backward();
    nn.utils.clipGradNorm_(model.parameters(), 1.0);
    optimizer.step();
    scheduler.step();
    losses.push(loss.item());
  }
  return [losses[0]!, losses[steps - 1]!];
}

function assertLearns([before, after]: readonly [number, number], share: number): void {
  assert.ok(Number.isFinite(after) && after < share * before, `from ${before} to ${after}`);
}

describe("models as a PyTorch user ports them", () => {
  beforeEach(() => torch.manualSeed(3));

  it("a GPT with a block, tied weights and sampling", () => {
    class CausalSelfAttention extends nn.Module {
      cAttn = new nn.Linear(16, 48);
      cProj = new nn.Linear(16, 16);
      bias = torch.tril(torch.ones(8, 8)).view(1, 1, 8, 8);
      override forward(x: Tensor): Tensor {
        const [B, T, C] = x.size() as [number, number, number];
        const [q, k, v] = this.cAttn
          .forward(x)
          .split(C, { dim: 2 })
          .map((part) => part.view(B, T, 2, C / 2).transpose(1, 2)) as [Tensor, Tensor, Tensor];
        let att = q.matmul(k.transpose(-2, -1)).mul(1.0 / Math.sqrt(k.size(-1)));
        att = att.maskedFill(this.bias.slice(2, 0, T).slice(3, 0, T).eq(0), -Infinity);
        const y = F.softmax(att, { dim: -1 }).matmul(v);
        return this.cProj.forward(y.transpose(1, 2).contiguous().view(B, T, C));
      }
    }
    class Block extends nn.Module {
      ln1 = new nn.LayerNorm(16);
      attn = new CausalSelfAttention();
      ln2 = new nn.LayerNorm(16);
      mlp = new nn.ModuleDict({
        cFc: new nn.Linear(16, 32),
        cProj: new nn.Linear(32, 16),
        act: new nn.GELU(),
        dropout: new nn.Dropout(0.0),
      });
      override forward(x: Tensor): Tensor {
        const m = this.mlp as unknown as Record<string, { forward(t: Tensor): Tensor }>;
        x = x.add(this.attn.forward(this.ln1.forward(x)));
        const hidden = m["act"]!.forward(m["cFc"]!.forward(this.ln2.forward(x)));
        return x.add(m["dropout"]!.forward(m["cProj"]!.forward(hidden)));
      }
    }
    class GPT extends nn.Module {
      wte = new nn.Embedding(5, 16);
      wpe = new nn.Embedding(8, 16);
      h = new nn.ModuleList([new Block(), new Block()]);
      lnF = new nn.LayerNorm(16);
      lmHead = new nn.Linear(16, 5, { bias: false });
      constructor() {
        super();
        this.lmHead.weight = this.wte.weight;
        this.apply((module) => {
          if (module instanceof nn.Linear) nn.init.normal_(module.weight, 0.0, 0.02);
        });
      }
      override forward(idx: Tensor): Tensor {
        const pos = torch.arange(0, idx.size(1), { dtype: torch.long }).unsqueeze(0);
        let x = this.wte.forward(idx).add(this.wpe.forward(pos));
        for (const block of this.h) x = block.forward(x);
        return this.lmHead.forward(this.lnF.forward(x));
      }
    }
    const model = new GPT();
    const data = torch.arange(0, 9, { dtype: torch.long }).remainder(5).unsqueeze(0).repeat(4, 1);
    const [x, y] = [data.slice(1, 0, -1), data.slice(1, 1, null)];
    const loss = (): Tensor => {
      const logits = model.forward(x);
      return F.crossEntropy(logits.view(-1, logits.size(-1)), y.reshape(-1), { ignoreIndex: -1 });
    };
    assertLearns(train(model, loss, 1e-2, 60), 0.1);
    model.eval();
    torch.noGrad(() => {
      let idx = x.slice(0, 0, 1).slice(1, 0, 4);
      for (let i = 0; i < 4; i++) {
        const logits = model.forward(idx).select(1, -1).div(0.05);
        const probs = F.softmax(logits, { dim: -1 });
        idx = torch.cat([idx, torch.multinomial(probs, 1)], 1);
      }
      assert.deepEqual(idx.tolist(), [[0, 1, 2, 3, 4, 0, 1, 2]]);
    });
  });

  it("a U-Net with skips and bilinear upsampling", () => {
    const doubleConv = (from: number, to: number): nn.Sequential =>
      new nn.Sequential(
        new nn.Conv2d(from, to, 3, { padding: 1, bias: false }),
        new nn.BatchNorm2d(to),
        new nn.ReLU(),
        new nn.Conv2d(to, to, 3, { padding: 1 }),
        new nn.ReLU(),
      );
    class UNet extends nn.Module {
      inc = doubleConv(1, 4);
      down = new nn.Sequential(new nn.MaxPool2d(2), doubleConv(4, 8));
      up = new nn.Upsample({ scaleFactor: 2, mode: "bilinear", alignCorners: true });
      conv = doubleConv(12, 4);
      outc = new nn.Conv2d(4, 1, 1);
      override forward(x: Tensor): Tensor {
        const x1 = this.inc.forward(x);
        let x2 = this.up.forward(this.down.forward(x1));
        const diffY = x1.size(2) - x2.size(2);
        const diffX = x1.size(3) - x2.size(3);
        x2 = F.pad(x2, [
          Math.floor(diffX / 2),
          diffX - Math.floor(diffX / 2),
          Math.floor(diffY / 2),
          diffY - Math.floor(diffY / 2),
        ]);
        return this.outc.forward(this.conv.forward(torch.cat([x1, x2], { dim: 1 })));
      }
    }
    const model = new UNet();
    const image = torch.randn(2, 1, 9, 7);
    const mask = image.gt(0.3).float();
    const bce = new nn.BCEWithLogitsLoss();
    const dice = (logits: Tensor): Tensor => {
      const probs = torch.sigmoid(logits);
      const intersection = probs.mul(mask).sum({ dim: [1, 2, 3] });
      const union = probs.sum({ dim: [1, 2, 3] }).add(mask.sum({ dim: [1, 2, 3] }));
      return intersection.mul(2).add(1).div(union.add(1)).neg().add(1).mean();
    };
    const loss = (): Tensor => {
      const logits = model.forward(image);
      return bce.forward(logits, mask).add(dice(logits));
    };
    assertLearns(train(model, loss, 3e-2, 40), 0.5);
  });

  it("a variational autoencoder with distributions", () => {
    class VAE extends nn.Module {
      encoder = new nn.Sequential(new nn.Linear(6, 16), new nn.Tanh());
      mu = new nn.Linear(16, 2);
      logvar = new nn.Linear(16, 2);
      decoder = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 6));
      override forward(x: Tensor): [distributions.Normal, distributions.Independent] {
        const h = this.encoder.forward(x);
        const q = new distributions.Normal(this.mu.forward(h), this.logvar.forward(h).mul(0.5).exp());
        const logits = this.decoder.forward(q.rsample());
        return [q, new distributions.Independent(new distributions.Bernoulli({ logits }), 1)];
      }
    }
    const model = new VAE();
    const x = torch.tensor([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]]).repeat(8, 1); // prettier-ignore
    const prior = new distributions.Normal(torch.zeros(2), torch.ones(2));
    const loss = (): Tensor => {
      const [q, p] = model.forward(x);
      const kl = distributions.klDivergence(q, prior).sum(-1);
      return p.logProb(x).neg().add(kl.mul(0.1)).mean();
    };
    assertLearns(train(model, loss, 3e-2, 80), 0.35);
  });
});
