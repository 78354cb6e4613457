// A transformer learns to write, one character at a time.
//
// It reads up to 32 characters and says what comes next, at every position at once; a mask keeps it from looking ahead.
// The text is short, so after a few hundred steps it knows much of it by heart. Goal: a loss below 0.7 (guessing among the
// characters gives 3.3).

import { arange, data, F, manualSeed, nn, noGrad, optim, tensor, type Tensor } from "backstep";

manualSeed(12);
const random = new data.RandomStream(6);

const text = `a gradient says how the loss would change if a number changed a little.
to find it, walk the program backwards. every step knows one thing: its own derivative.
the loss starts with a gradient of one. a sum hands its gradient to both of its parts.
a product hands each part the gradient times the other part. a maximum hands it to the winner.
where a number was used twice, its two gradients are added.
at the end of the walk every weight knows which way is down, and the optimizer takes a small step.
then the program runs again, and the loss is a little lower than it was.
when a gradient is wrong the loss still falls, only slower, and nobody can tell why.
so check it: move the number a little, run the program twice, and look at the difference.
`;

const characters = [...new Set(text)].toSorted();
const codes = [...text].map((character) => characters.indexOf(character));
const context = 32;
const width = 48;

class Writer extends nn.Module {
  embed = new nn.Embedding(characters.length, width);
  position = new nn.Embedding(context, width);
  block1 = new nn.TransformerEncoderLayer(width, 4, {
    dimFeedforward: 96,
    dropout: 0,
    batchFirst: true,
    normFirst: true,
  });
  block2 = new nn.TransformerEncoderLayer(width, 4, {
    dimFeedforward: 96,
    dropout: 0,
    batchFirst: true,
    normFirst: true,
  });
  norm = new nn.LayerNorm(width);
  readout = new nn.Linear(width, characters.length);

  // ids are [batch, time]; the scores of the next character are [batch, time, characters].
  forward(ids: Tensor): Tensor {
    const time = ids.shape[1] as number;
    let x = this.embed.forward(ids).add(this.position.forward(arange(0, time, 1, { dtype: "int64" })));
    x = this.block1.forward(x, { isCausal: true });
    x = this.block2.forward(x, { isCausal: true });
    return this.readout.forward(this.norm.forward(x));
  }
}

/** Pieces of the text, and the same pieces one character on. */
function pieces(count: number): [ids: Tensor, next: Tensor] {
  const starts = Array.from({ length: count }, () => random.below(codes.length - context - 1));
  const take = (shift: number): Tensor =>
    tensor(
      starts.map((start) => codes.slice(start + shift, start + shift + context)),
      { dtype: "int64" },
    );
  return [take(0), take(1)];
}

const model = new Writer();
const steps = 500;
const adam = new optim.AdamW(model.parameters(), { lr: 6e-3 });
const schedule = new optim.lrScheduler.OneCycleLR(adam, 6e-3, { totalSteps: steps + 1 });

let recent = 0;
for (let step = 1; step <= steps; step++) {
  const [ids, next] = pieces(16);
  const scores = model.forward(ids);
  const loss = F.crossEntropy(scores.flatten(0, 1), next.flatten());
  adam.zeroGrad();
  loss.backward();
  nn.utils.clipGradNorm_(model.parameters(), 1);
  adam.step();
  schedule.step();
  recent += loss.item();
  if (step % 100 === 0) {
    console.log(`step ${step} loss ${(recent / 100).toFixed(3)}`);
    recent = 0;
  }
}

/** Goes on from a beginning, each time with one of the likeliest characters. */
function write(beginning: string, length: number): string {
  let written = beginning;
  for (let i = 0; i < length; i++) {
    const ids = [...written].slice(-context).map((character) => characters.indexOf(character));
    const scores = noGrad(() =>
      model
        .forward(tensor([ids], { dtype: "int64" }))
        .select(0, 0)
        .select(0, -1),
    );
    const chances = F.softmax(scores.mul(3), 0).tolist() as number[];
    let left = random.uniform();
    const next = chances.findIndex((chance) => (left -= chance) < 0);
    written += characters[next] ?? " ";
  }
  return written;
}

console.log(write("when a ", 120));
