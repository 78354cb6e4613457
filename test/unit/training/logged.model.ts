import { nn, optim, randn } from "backstep";

const model = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 1));
const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
const x = randn([32, 4]);
const y = x.mul(2).sum({ dim: 1 });

for (let step = 0; step < 60; step++) {
  optimizer.zeroGrad();
  const noisy = x.add(0.01 * Math.random());
  const loss = model.forward(noisy).squeeze(1).sub(y).square().mean();
  loss.backward();
  optimizer.step();
}
