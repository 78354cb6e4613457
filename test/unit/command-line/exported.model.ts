import { manualSeed, nn, randn } from "backstep";

manualSeed(1);

class Net extends nn.Module {
  first = new nn.Linear(3, 4);
  second = new nn.Linear(4, 1);

  forward(x: ReturnType<typeof randn>): ReturnType<typeof randn> {
    const hidden = this.first.forward(x).tanh();
    return this.second.forward(hidden);
  }
}

const net = new Net();
for (let step = 0; step < 2; step++) {
  const loss = net.forward(randn(5, 3)).square().mean();
  loss.backward();
}
