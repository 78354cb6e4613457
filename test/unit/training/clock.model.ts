import { manualSeed, nn, optim, randn } from "backstep";

const model = new nn.Linear(2, 1);
const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });
for (let step = 0; step < 20; step++) {
  if (step === 10) manualSeed(Date.now());
  optimizer.zeroGrad();
  model
    .forward(randn([4, 2]))
    .square()
    .mean()
    .backward();
  optimizer.step();
}
