import { EngineError } from "../../context/engine-error.ts";
import * as F from "../functional/public.ts";
import { arange, eye, tensor } from "../../core/creation.ts";
import type { Shape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { bernoulli, multinomial, rand } from "../tensor/random.ts";
import { Distribution, drawEach, parametersOf, requireParameter, type Operand } from "./distribution.ts";
import { drawGamma } from "./gamma-family.ts";

/** Probabilities, or the logits that give them; one of the two. */
export interface LogitsOption {
  readonly probs?: Operand | null;
  readonly logits?: Operand | null;
}

export type Given = Operand | null | LogitsOption;

/** What was given: `new Bernoulli(probs)`, `new Bernoulli({ logits })`, `new Bernoulli(null, logits)`. */
export function oneOf(
  name: string,
  first: Given | undefined,
  second: Operand | null | undefined,
): { readonly probs: Operand | null; readonly logits: Operand | null } {
  const named = typeof first === "object" && first !== null && !("dtype" in first) ? first : null;
  const probs = (named === null ? (first as Operand | null | undefined) : named.probs) ?? null;
  const logits = (named === null ? second : named.logits) ?? null;
  if ((probs === null) === (logits === null)) {
    throw new EngineError("value", `${name}: either probs or logits must be given, and not both`, {
      fix: `write new ${name}(probs), or new ${name}({ logits })`,
    });
  }
  return { probs, logits };
}

/** How far probabilities stay from 0 and 1 where logarithms of them are taken, as PyTorch has it. */
function clamped(probs: Tensor): Tensor {
  const eps = probs.dtype === "float64" ? 2.220446049250313e-16 : 1.1920928955078125e-7;
  return probs.clamp(eps, 1 - eps);
}

const isProbability = (value: number): boolean => value >= 0 && value <= 1;

/** Yes or no, given by its probability or its logit. */
export abstract class OfLogit extends Distribution {
  readonly #probs: Tensor | null;
  readonly #logits: Tensor | null;

  constructor(probs?: Given, logits?: Operand | null) {
    const given = oneOf(new.target.name, probs, logits);
    const [p] = given.probs === null ? [null] : parametersOf(new.target.name, given.probs);
    const [l] = given.logits === null ? [null] : parametersOf(new.target.name, given.logits);
    if (p) requireParameter(new.target.name, "probs", p, isProbability, "between 0 and 1");
    super((p ?? l)!.shape);
    this.#probs = p ?? null;
    this.#logits = l ?? null;
  }

  get probs(): Tensor {
    return this.#probs ?? this.#logits!.sigmoid();
  }

  get logits(): Tensor {
    if (this.#logits !== null) return this.#logits;
    const p = clamped(this.#probs!);
    return p.log().sub(p.neg().log1p());
  }
}

/** 1 with a probability, else 0. PyTorch: `torch.distributions.Bernoulli`. */
export class Bernoulli extends OfLogit {
  protected override draw(shape: Shape): Tensor {
    return bernoulli(this.probs.expand(shape));
  }

  override logProb(value: Operand): Tensor {
    const logits = this.logits;
    const [l, x] = [logits, this.value(value, logits)];
    const shape = l.add(x).shape;
    return F.binaryCrossEntropyWithLogits(l.expand(shape), x.to(l.dtype).expand(shape), { reduction: "none" }).neg();
  }

  override entropy(): Tensor {
    return F.binaryCrossEntropyWithLogits(this.logits, this.probs, { reduction: "none" });
  }

  override enumerateSupport(expand = true): Tensor {
    const values = tensor([0, 1], { dtype: this.probs.dtype }).reshape([2, ...this.batchShape.map(() => 1)]);
    return expand ? values.expand([2, ...this.batchShape]) : values;
  }

  override get mean(): Tensor {
    return this.probs;
  }

  override get mode(): Tensor {
    return this.probs.ge(0.5).to(this.probs.dtype);
  }

  override get variance(): Tensor {
    return this.probs.mul(this.probs.rsub(1));
  }
}

/** Failures before the first success. */
export class Geometric extends OfLogit {
  protected override draw(shape: Shape): Tensor {
    const u = rand(shape, { dtype: this.probs.dtype === "float64" ? "float64" : "float32" }).clamp({ min: 6e-8 });
    return u.log().div(this.probs.neg().log1p()).floor();
  }

  override logProb(value: Operand): Tensor {
    const p = this.probs;
    return this.value(value, p).mul(p.neg().log1p()).add(p.log());
  }

  override entropy(): Tensor {
    return F.binaryCrossEntropyWithLogits(this.logits, this.probs, { reduction: "none" }).div(this.probs);
  }

  override get mean(): Tensor {
    return this.probs.reciprocal().sub(1);
  }

  override get variance(): Tensor {
    return this.probs.reciprocal().sub(1).div(this.probs);
  }
}

/** One of several classes, along the last axis of its parameter. PyTorch: `torch.distributions.Categorical`. */
export class Categorical extends Distribution {
  readonly #probs: Tensor | null;
  readonly #logits: Tensor | null;

  constructor(probs?: Given, logits?: Operand | null) {
    const given = oneOf(new.target.name, probs, logits);
    const parameter = (given.probs ?? given.logits) as Tensor;
    if (typeof parameter === "number" || parameter.rank === 0) {
      throw new EngineError("shape", `${new.target.name}: the parameter needs an axis of classes`);
    }
    if (given.probs !== null) {
      requireParameter(new.target.name, "probs", parameter, (value) => value >= 0, "at least 0");
    }
    super(parameter.shape.slice(0, -1));
    this.#probs = given.probs === null ? null : parameter.div(parameter.sum(-1, true));
    this.#logits = given.logits === null ? null : parameter.sub(parameter.logsumexp(-1, true));
  }

  get probs(): Tensor {
    return this.#probs ?? this.#logits!.softmax(-1);
  }

  /** ln of the probabilities. */
  get logits(): Tensor {
    return this.#logits ?? clamped(this.#probs!).log();
  }

  get numEvents(): number {
    const parameter = (this.#probs ?? this.#logits)!;
    return parameter.shape[parameter.rank - 1]!;
  }

  protected override draw(shape: Shape): Tensor {
    const count = shape.slice(0, shape.length - this.batchShape.length).reduce((product, size) => product * size, 1);
    const rows = this.probs.detach().reshape(-1, this.numEvents);
    const drawn = multinomial(rows, Math.max(count, 1), true).t();
    return drawn.narrow(0, 0, count).reshape(shape);
  }

  override logProb(value: Tensor): Tensor {
    const index = value.long().unsqueeze(-1);
    const shape = index.shape.length > this.batchShape.length + 1 ? index.shape.slice(0, -1) : this.batchShape;
    const logits = this.logits.expand([...shape, this.numEvents]);
    return logits.gather(-1, index.expand([...shape, 1])).squeeze(-1);
  }

  override entropy(): Tensor {
    const lowest = this.logits.dtype === "float64" ? -Number.MAX_VALUE : -3.4028234663852886e38;
    return this.logits.clamp({ min: lowest }).mul(this.probs).sum(-1).neg();
  }

  override enumerateSupport(expand = true): Tensor {
    const values = arange(this.numEvents).reshape([this.numEvents, ...this.batchShape.map(() => 1)]);
    return expand ? values.expand([this.numEvents, ...this.batchShape]) : values;
  }

  override get mode(): Tensor {
    return this.probs.argmax(-1);
  }
}

/** A class as a row of zeros with a one. */
export class OneHotCategorical extends Distribution {
  readonly #classes: Categorical;

  constructor(probs?: Given, logits?: Operand | null) {
    const classes = new Categorical(probs, logits);
    super(classes.batchShape, [classes.numEvents]);
    this.#classes = classes;
  }

  get probs(): Tensor {
    return this.#classes.probs;
  }

  get logits(): Tensor {
    return this.#classes.logits;
  }

  protected override draw(shape: Shape): Tensor {
    const classes = this.#classes.sample(shape.slice(0, shape.length - this.batchShape.length - 1));
    return eye(this.#classes.numEvents, { dtype: this.probs.dtype }).indexSelect(0, classes.reshape(-1)).reshape(shape);
  }

  override logProb(value: Tensor): Tensor {
    return this.#classes.logProb(value.argmax(-1));
  }

  override entropy(): Tensor {
    return this.#classes.entropy();
  }

  override get mean(): Tensor {
    return this.probs;
  }

  override get variance(): Tensor {
    return this.probs.mul(this.probs.rsub(1));
  }
}

/** The same, whose draws carry the gradient of the probabilities straight through. */
export class OneHotCategoricalStraightThrough extends OneHotCategorical {
  protected override reparameterised(shape: Shape): Tensor {
    const drawn = this.draw(shape).detach();
    return drawn.add(this.probs.sub(this.probs.detach()));
  }
}

/** How many of `totalCount` trials succeed. */
export class Binomial extends Distribution {
  readonly totalCount: Tensor;
  readonly #chance: Bernoulli;

  constructor(totalCount: Operand, probs?: Given, logits?: Operand | null) {
    const chance = new Bernoulli(probs, logits);
    const [count] = parametersOf("Binomial", totalCount, chance.probs.detach()) as [Tensor];
    super(count.shape);
    this.totalCount = count;
    this.#chance = chance;
  }

  get probs(): Tensor {
    return this.#chance.probs;
  }

  get logits(): Tensor {
    return this.#chance.logits;
  }

  protected override draw(shape: Shape): Tensor {
    const [counts, p] = [this.totalCount.toFloat64Array(), this.probs.expand(this.batchShape).toFloat64Array()];
    return drawEach(this.totalCount, shape, (at) => {
      let hits = 0;
      const draws = rand([counts[at]!], { dtype: "float64" }).toFloat64Array();
      for (const u of draws) if (u < p[at]!) hits++;
      return hits;
    });
  }

  override logProb(value: Operand): Tensor {
    const [n, l] = [this.totalCount, this.logits];
    const k = this.value(value, n);
    const ways = n.add(1).lgamma().sub(k.add(1).lgamma()).sub(n.sub(k).add(1).lgamma());
    return ways.add(k.mul(F.logsigmoid(l))).add(n.sub(k).mul(F.logsigmoid(l.neg())));
  }

  override get mean(): Tensor {
    return this.totalCount.mul(this.probs);
  }

  override get variance(): Tensor {
    return this.mean.mul(this.probs.rsub(1));
  }
}

/** How many events come at a rate. */
export class Poisson extends Distribution {
  readonly rate: Tensor;

  constructor(rate: Operand) {
    const [a] = parametersOf("Poisson", rate) as [Tensor];
    requireParameter("Poisson", "rate", a, (value) => value >= 0, "at least 0");
    super(a.shape);
    this.rate = a;
  }

  protected override draw(shape: Shape): Tensor {
    const rates = this.rate.toFloat64Array();
    return drawEach(this.rate, shape, (at) => drawPoisson(rates[at]!));
  }

  override logProb(value: Operand): Tensor {
    const x = this.value(value, this.rate);
    return x.mul(this.rate.log()).sub(this.rate).sub(x.add(1).lgamma());
  }

  override get mean(): Tensor {
    return this.rate;
  }

  override get variance(): Tensor {
    return this.rate;
  }
}

/** Halves a large rate by a gamma draw (Ahrens and Dieter, 1974), and counts arrivals of a small one. */
export function drawPoisson(rate: number): number {
  if (rate > 30) {
    const half = Math.floor(rate * 0.875);
    const time = drawGamma(half);
    if (time <= rate) return half + drawPoisson(rate - time);
    let hits = 0;
    const share = rate / time;
    for (const u of rand([half - 1], { dtype: "float64" }).toFloat64Array()) if (u < share) hits++;
    return hits;
  }
  const limit = Math.exp(-rate);
  let product = rand([], { dtype: "float64" }).item();
  let count = 0;
  while (product > limit) {
    product *= rand([], { dtype: "float64" }).item();
    count++;
  }
  return count;
}

/** How often each class comes in `totalCount` draws. */
export class Multinomial extends Distribution {
  readonly totalCount: number;
  readonly #classes: Categorical;

  constructor(totalCount: number, probs?: Given, logits?: Operand | null) {
    const classes = new Categorical(probs, logits);
    super(classes.batchShape, [classes.numEvents]);
    this.totalCount = totalCount;
    this.#classes = classes;
  }

  get probs(): Tensor {
    return this.#classes.probs;
  }

  get logits(): Tensor {
    return this.#classes.logits;
  }

  protected override draw(shape: Shape): Tensor {
    const outer = shape.slice(0, shape.length - this.batchShape.length - 1);
    const drawn = this.#classes.sample([this.totalCount, ...outer]);
    const rows = eye(this.#classes.numEvents, { dtype: this.probs.dtype }).indexSelect(0, drawn.reshape(-1));
    return rows.reshape([this.totalCount, ...shape]).sum(0);
  }

  override logProb(value: Tensor): Tensor {
    const ways = value.sum(-1).add(1).lgamma().sub(value.add(1).lgamma().sum(-1));
    return ways.add(this.logits.mul(value).sum(-1));
  }

  override get mean(): Tensor {
    return this.probs.mul(this.totalCount);
  }
}
