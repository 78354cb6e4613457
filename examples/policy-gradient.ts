// A network learns to balance a pole on a cart, by trial and error.
//
// Nobody tells it which push was right: it plays, and pushes that were followed by a long balance are made likelier
// (REINFORCE; Williams, 1992). A second network guesses how long the balance will last; only what is better than that
// guess counts as good. Goal: a mean balance of over 150 steps in the last 20 games.

import { data, F, manualSeed, nn, noGrad, optim, tensor, type Tensor } from "backstep";

manualSeed(1);
const random = new data.RandomStream(1);

// ── The cart (Barto, Sutton and Anderson, 1983) ────────────────────────────────────────────────────────────────────

type State = [position: number, speed: number, angle: number, turning: number];
const GRAVITY = 9.8;
const CART = 1;
const POLE = 0.1;
const HALF_LENGTH = 0.5;
const FORCE = 10;
const TICK = 0.02;
const LONGEST = 200;

function start(): State {
  const small = (): number => random.uniform(-0.05, 0.05);
  return [small(), small(), small(), small()];
}

function push([position, speed, angle, turning]: State, right: boolean): State {
  const force = right ? FORCE : -FORCE;
  const total = CART + POLE;
  const shared = (force + POLE * HALF_LENGTH * turning ** 2 * Math.sin(angle)) / total;
  const spin =
    (GRAVITY * Math.sin(angle) - Math.cos(angle) * shared) /
    (HALF_LENGTH * (4 / 3 - (POLE * Math.cos(angle) ** 2) / total));
  const pull = shared - (POLE * HALF_LENGTH * spin * Math.cos(angle)) / total;
  return [position + TICK * speed, speed + TICK * pull, angle + TICK * turning, turning + TICK * spin];
}

function hasFallen([position, , angle]: State): boolean {
  return Math.abs(position) > 2.4 || Math.abs(angle) > (12 * Math.PI) / 180;
}

// ── Who pushes ─────────────────────────────────────────────────────────────────────────────────────────────────────

const policy = new nn.Sequential(new nn.Linear(4, 32), new nn.Tanh(), new nn.Linear(32, 2));
const baseline = new nn.Sequential(new nn.Linear(4, 32), new nn.Tanh(), new nn.Linear(32, 1));
const adam = new optim.Adam([...policy.parameters(), ...baseline.parameters()], { lr: 0.01 });

interface Game {
  states: State[];
  pushes: number[];
}

function play(): Game {
  const game: Game = { states: [], pushes: [] };
  let state = start();
  while (!hasFallen(state) && game.states.length < LONGEST) {
    const chances = noGrad(() => F.softmax(policy.forward(tensor(state)), 0));
    const right = random.uniform() < chances.select(0, 1).item();
    game.states.push(state);
    game.pushes.push(right ? 1 : 0);
    state = push(state, right);
  }
  return game;
}

/** What each push was worth: the steps that followed, those far away counting less. */
function returns(game: Game): number[] {
  const worth = new Array<number>(game.pushes.length);
  let sum = 0;
  for (let t = worth.length - 1; t >= 0; t--) worth[t] = sum = 1 + 0.98 * sum;
  return worth;
}

const lengths: number[] = [];
const rounds = 60;

for (let round = 1; round <= rounds; round++) {
  const games = Array.from({ length: 5 }, play);
  lengths.push(...games.map((game) => game.states.length));

  const states = tensor(games.flatMap((game) => game.states));
  const pushes = tensor(
    games.flatMap((game) => game.pushes),
    { dtype: "int64" },
  );
  const worth = tensor(games.flatMap(returns)).div(50); // 50 steps' worth is the most there is

  const logProbs = F.logSoftmax(policy.forward(states), 1);
  const chosen = logProbs.gather(1, pushes.unsqueeze(1)).squeeze(1);
  const guess = baseline.forward(states).squeeze(1);
  const surprise = worth.sub(guess.detach()); // the guess is judged on its own, below
  const spread: Tensor = surprise.sub(surprise.mean()).div(surprise.std().add(1e-6));
  const loss = chosen.mul(spread).mean().neg().add(F.mseLoss(guess, worth));

  adam.zeroGrad();
  loss.backward();
  adam.step();

  if (round % 5 === 0) {
    const recent = lengths.slice(-20);
    console.log(`games ${lengths.length} mean balance ${mean(recent).toFixed(0)} steps`);
  }
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
