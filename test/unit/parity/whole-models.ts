import { F, nn, ones, optim, randn, type Tensor } from "../../../engine/index.ts";

/** A model with its loss and its optimizer: the counterpart of a class of test/oracle/models.py. */
export interface WholeModel extends nn.Module {
  forward(x: Tensor): Tensor;
  loss(x: Tensor, target: Tensor): Tensor;
  optimizer(): { zeroGrad(): void; step(): void };
}

class Mlp extends nn.Module implements WholeModel {
  fc1 = new nn.Linear(6, 16);
  fc2 = new nn.Linear(16, 8);
  fc3 = new nn.Linear(8, 3);

  override forward(x: Tensor): Tensor {
    return this.fc3.forward(this.fc2.forward(F.relu(this.fc1.forward(x))).tanh());
  }

  loss(x: Tensor, target: Tensor): Tensor {
    return F.crossEntropy(this.forward(x), target);
  }

  optimizer(): optim.Adam {
    return new optim.Adam(this.parameters(), { lr: 0.02, weightDecay: 0.01 });
  }
}

class Cnn extends nn.Module implements WholeModel {
  conv1 = new nn.Conv2d(1, 4, 3, { padding: 1 });
  bn1 = new nn.BatchNorm2d(4);
  conv2 = new nn.Conv2d(4, 6, 3, { stride: 2 });
  bn2 = new nn.BatchNorm2d(6, { momentum: 0.3 });
  fc = new nn.Linear(6, 3);

  override forward(x: Tensor): Tensor {
    let h = F.maxPool2d(F.relu(this.bn1.forward(this.conv1.forward(x))), 2);
    h = F.relu(this.bn2.forward(this.conv2.forward(h)));
    return this.fc.forward(h.mean([2, 3]));
  }

  loss(x: Tensor, target: Tensor): Tensor {
    return F.crossEntropy(this.forward(x), target, { labelSmoothing: 0.1 });
  }

  optimizer(): optim.SGD {
    return new optim.SGD(this.parameters(), { lr: 0.05, momentum: 0.9, nesterov: true });
  }
}

class Lstm extends nn.Module implements WholeModel {
  embed = new nn.Embedding(10, 5);
  lstm = new nn.LSTM(5, 6, { numLayers: 2, batchFirst: true });
  fc = new nn.Linear(6, 2);

  override forward(ids: Tensor): Tensor {
    const [output] = this.lstm.forward(this.embed.forward(ids));
    return this.fc.forward(output.select(1, -1));
  }

  loss(ids: Tensor, target: Tensor): Tensor {
    return F.crossEntropy(this.forward(ids), target);
  }

  optimizer(): optim.RMSprop {
    return new optim.RMSprop(this.parameters(), { lr: 0.01, momentum: 0.5 });
  }
}

class Block extends nn.Module {
  readonly heads: number;
  ln1: nn.LayerNorm;
  qkv: nn.Linear;
  proj: nn.Linear;
  ln2: nn.LayerNorm;
  fc1: nn.Linear;
  fc2: nn.Linear;

  constructor(width: number, heads: number) {
    super();
    this.heads = heads;
    this.ln1 = new nn.LayerNorm(width);
    this.qkv = new nn.Linear(width, 3 * width, { bias: false });
    this.proj = new nn.Linear(width, width);
    this.ln2 = new nn.LayerNorm(width);
    this.fc1 = new nn.Linear(width, 2 * width);
    this.fc2 = new nn.Linear(2 * width, width);
  }

  override forward(x: Tensor, mask: Tensor): Tensor {
    const [b, t, c] = x.shape as [number, number, number];
    const [q, k, v] = this.qkv
      .forward(this.ln1.forward(x))
      .chunk(3, -1)
      .map((part) => part.view(b, t, this.heads, c / this.heads).transpose(1, 2)) as [Tensor, Tensor, Tensor];
    const scores = q.matmul(k.transpose(-2, -1)).div(Math.sqrt(c / this.heads));
    const attention = scores.maskedFill(mask, -Infinity).softmax(-1);
    const mixed = x.add(this.proj.forward(attention.matmul(v).transpose(1, 2).reshape(b, t, c)));
    return mixed.add(this.fc2.forward(F.gelu(this.fc1.forward(this.ln2.forward(mixed)))));
  }
}

class Transformer extends nn.Module implements WholeModel {
  position = new nn.Parameter(randn([6, 8]));
  embed = new nn.Embedding(12, 8);
  block = new Block(8, 2);
  ln = new nn.LayerNorm(8);
  head = new nn.Linear(8, 12, { bias: false });

  override forward(ids: Tensor): Tensor {
    const [, t] = ids.shape as [number, number];
    const mask = ones([t, t], { dtype: "bool" }).triu(1);
    const x = this.embed.forward(ids).add(this.position.slice(0, 0, t));
    return this.head.forward(this.ln.forward(this.block.forward(x, mask)));
  }

  loss(ids: Tensor, target: Tensor): Tensor {
    return F.crossEntropy(this.forward(ids).flatten(0, 1), target.flatten());
  }

  optimizer(): optim.AdamW {
    return new optim.AdamW(this.parameters(), { lr: 0.01, weightDecay: 0.1 });
  }
}

export const WHOLE_MODELS: Readonly<Record<string, () => WholeModel>> = {
  mlp: () => new Mlp(),
  cnn: () => new Cnn(),
  lstm: () => new Lstm(),
  transformer: () => new Transformer(),
};
