import { tensor, nn, F, optim, type Tensor } from "backstep";

class Net extends nn.Module {
  fc1 = new nn.Linear(3, 4);
  fc2 = new nn.Linear(4, 2);
  forward(x: Tensor) {
    return this.fc2.forward(F.relu(this.fc1.forward(x)));
  }
}

const net = new Net();
net.loadStateDict({
  "fc1.weight": tensor([[-1.459,0.748,-0.772],[0.143,-1.335,0.182],[0.282,0.548,-2.035],[-1.302,0.093,-0.881]]),
  "fc1.bias": tensor([-0.531,-1.844,-0.393,0.263]),
  "fc2.weight": tensor([[-1.096,0.363,-0.003,-0.487],[-1.449,0.548,-0.239,0.154]]),
  "fc2.bias": tensor([0.009,-1.014]),
});
const x = tensor([[2.13,0.412,-1.296],[1.089,1.205,-1.177],[0.925,1.329,0.896],[-0.579,-1.15,-0.085],[-0.371,-0.829,-0.169]]);
const target = tensor([0,0,0,1,0], { dtype: "int64" });
const opt = new optim.SGD([{ params: net.fc1.parameters() }, { params: net.fc2.parameters(), lr: 0.5 }], { lr: 0.1 });
const schedule = new optim.lrScheduler.StepLR(opt, 2, { gamma: 0.1 });
for (let step = 0; step < 4; step++) {
  opt.zeroGrad();
  const loss = F.crossEntropy(net.forward(x), target);
  loss.backward();
  nn.utils.clipGradNorm_([...net.parameters()], 0.3);
  opt.step();
  schedule.step();
  console.log(schedule.getLastLr()[1]);
}
