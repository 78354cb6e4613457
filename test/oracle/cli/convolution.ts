import { tensor, zeros, ones, nn, optim, F, type Tensor } from "backstep";

class Net extends nn.Module {
  conv = new nn.Conv2d(1, 2, 3, { padding: 1 });
  bn = new nn.BatchNorm2d(2);
  fc = new nn.Linear(8, 2);
  forward(x: Tensor) {
    return this.fc.forward(F.maxPool2d(F.relu(this.bn.forward(this.conv.forward(x))), 2).flatten(1));
  }
}

const net = new Net();
net.loadStateDict({
  "conv.weight": tensor([[[[1.137,-0.243,1.27],[0.523,0.574,1.278],[-0.122,0.821,-1.405]]],[[[1.467,0.42,1.998],[1.442,-1.54,-0.67],[0.592,-0.472,-1.071]]]]),
  "conv.bias": tensor([1.654,-0.042]),
  "bn.weight": tensor([-1.225,-1.814]),
  "bn.bias": tensor([1.773,-0.046]),
  "bn.running_mean": zeros([2]),
  "bn.running_var": ones([2]),
  "fc.weight": tensor([[-0.53,-0.479,1.864,0.061,2.056,-1.036,-0.08,-0.706],[-0.196,1.252,1.64,0.875,0.678,-0.694,1.382,0.713]]),
  "fc.bias": tensor([-0.419,0.426]),
});
const x = tensor([[[[-0.382,-0.07,0.337,0.431],[-0.36,1.667,0.754,1.167],[-0.558,-1.08,-0.17,-1.127],[1.078,0.308,-0.895,-1.416]]],[[[-0.734,2.781,-0.861,0.182],[1.793,0.143,1.565,-0.445],[-2.046,-0.585,0.345,-0.493],[1.157,0.336,0.518,-1.012]]],[[[0.086,-0.045,-0.305,-0.042],[-0.132,0.593,-1.605,1.665],[1.896,1.155,-0.844,0.734],[-0.024,-1.055,-0.254,-0.493]]]]);
const target = tensor([1,1,1], { dtype: "int64" });
const opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let step = 0; step < 2; step++) {
  opt.zeroGrad();
  F.crossEntropy(net.forward(x), target).backward();
  opt.step();
}
net.eval();
opt.zeroGrad();
F.crossEntropy(net.forward(x), target).backward();
for (let i = 0; i < 2; i++) {
  console.log(net.bn.runningMean.select(0, i).item());
  console.log(net.bn.runningVar.select(0, i).item());
}
