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
  "fc1.weight": tensor([[-1.202,-0.777,-0.312],[0.347,0.429,0.337],[-0.445,-0.118,0.709],[-0.067,0.188,-0.669]]),
  "fc1.bias": tensor([0.013,-0.217,0.48,0.575]),
  "fc2.weight": tensor([[-1.073,-0.108,0.157,0.654],[-0.482,0.487,0.329,1.244]]),
  "fc2.bias": tensor([-0.876,0.729]),
});
const x = tensor([[1.802,-0.673,0.14],[0.305,-1.437,2.368],[0.158,0.207,-0.109],[-0.225,1.563,0.7],[0.255,-0.463,-1.461]]);
const target = tensor([0,1,1,0,1], { dtype: "int64" });
const opt = new optim.Adagrad(net.parameters(), { lr: 0.1 });
for (let step = 0; step < 5; step++) {
  opt.zeroGrad();
  const loss = F.crossEntropy(net.forward(x), target);
  loss.backward();
  opt.step();
}
