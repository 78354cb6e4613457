// A recurrent network reads film reviews, word by word, and says whether they are kind.
//
// The corpus is made of templates, so that it needs no file. Negations ("not boring", "never a dull scene") turn a word
// around: counting kind words is not enough, the network has to remember what came before. Goal: over 95 % on reviews
// that it has never seen.

import { data, F, manualSeed, nn, noGrad, optim, tensor, type Tensor } from "backstep";

manualSeed(21);

// ── The corpus ─────────────────────────────────────────────────────────────────────────────────────────────────────

const random = new data.RandomStream(4);
const subjects = ["the film", "the story", "the acting", "the music", "this sequel", "the ending", "every scene"];
const kind = ["wonderful", "moving", "clever", "funny", "gripping", "beautiful", "charming", "fresh"];
const unkind = ["dull", "boring", "clumsy", "awful", "predictable", "flat", "tedious", "shallow"];
const plain = ["it runs for two hours", "i saw it on a monday", "the cinema was full", "my brother came along"];

interface Review {
  text: string;
  kind: boolean;
}

function writeReview(): Review {
  const isKind = random.uniform() < 0.5;
  const opinion = (): string => {
    const turned = random.uniform() < 0.4; // say it with a negation
    const word = random.pick(isKind === turned ? unkind : kind);
    const subject = random.pick(subjects);
    if (!turned) return `${subject} is ${random.pick(["so", "really", "very", "simply"])} ${word}`;
    return `${subject} is ${random.pick(["not", "never", "hardly", "not at all"])} ${word}`;
  };
  const parts = [opinion()];
  if (random.uniform() < 0.5) parts.push(random.pick(plain));
  if (random.uniform() < 0.4) parts.push(opinion());
  return { text: parts.join(" and "), kind: isKind };
}

const reviews = Array.from({ length: 700 }, writeReview);
const train = reviews.slice(0, 500);
const test = reviews.slice(500);

// ── From words to numbers ──────────────────────────────────────────────────────────────────────────────────────────

const PADDING = 0;
const vocabulary = new Map<string, number>();
for (const { text } of reviews) {
  for (const word of text.split(" ")) if (!vocabulary.has(word)) vocabulary.set(word, vocabulary.size + 1);
}
const longest = Math.max(...reviews.map(({ text }) => text.split(" ").length));

/** Word ids [reviews, longest], padded in front, so that the last step is the last word. */
function encode(batch: Review[]): [words: Tensor, labels: Tensor] {
  const ids = batch.map(({ text }) => {
    const words = text.split(" ").map((word) => vocabulary.get(word) ?? PADDING);
    return [...Array.from({ length: longest - words.length }, () => PADDING), ...words];
  });
  const labels = batch.map((review) => (review.kind ? 1 : 0));
  return [tensor(ids, { dtype: "int64" }), tensor(labels)];
}

class Reader extends nn.Module {
  embed = new nn.Embedding(vocabulary.size + 1, 16, { paddingIdx: PADDING });
  lstm = new nn.LSTM(16, 32, { batchFirst: true });
  verdict = new nn.Linear(32, 1);

  forward(words: Tensor): Tensor {
    const vectors = this.embed.forward(words); // [batch, time, 16]
    const [, [h]] = this.lstm.forward(vectors); // h: the state after the last word, [1, batch, 32]
    return this.verdict.forward(h.squeeze(0)).squeeze(1);
  }
}

const model = new Reader();
const adam = new optim.Adam(model.parameters(), { lr: 0.01 });

for (let epoch = 1; epoch <= 9; epoch++) {
  let total = 0;
  const order = random.permutation(train.length);
  for (let at = 0; at < train.length; at += 50) {
    const [words, labels] = encode(order.slice(at, at + 50).map((i) => train[i] as Review));
    const loss = F.binaryCrossEntropyWithLogits(model.forward(words), labels);
    adam.zeroGrad();
    loss.backward();
    nn.utils.clipGradNorm_(model.parameters(), 5);
    adam.step();
    total += loss.item();
  }
  const [words, labels] = encode(test);
  const right = noGrad(() => model.forward(words).gt(0).eq(labels.gt(0)).float().mean().item());
  console.log(`epoch ${epoch} loss ${(total / 10).toFixed(3)} test ${(100 * right).toFixed(1)} %`);
}

for (const text of ["the music is not boring", "the music is not moving", "every scene is simply clever"]) {
  const [words] = encode([{ text, kind: true }]);
  const chance = noGrad(() => model.forward(words).sigmoid().item());
  console.log(`"${text}": kind with ${(100 * chance).toFixed(0)} %`);
}
