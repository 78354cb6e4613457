import { F, manualSeed, nn, optim, randn } from "backstep";

manualSeed(2);
const net = new nn.Linear(3, 4);
const sgd = new optim.SGD(net.parameters(), { lr: 0.1 });
const x = randn([5, 3]);
for (let step = 0; step < 2; step++) {
  sgd.zeroGrad();
  F.relu(net.forward(x)).reshape([-1]).square().mean().backward();
  sgd.step();
}
