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
  "fc1.weight": tensor([[0.033,-0.861,-0.573],[-0.302,-1.064,0.994],[0.443,-1.04,0.017],[-0.06,-0.107,0.336]]),
  "fc1.bias": tensor([0.032,0.698,-1.792,0.241]),
  "fc2.weight": tensor([[0.107,-0.109,0.902,1.388],[1.749,-0.068,1.421,0.853]]),
  "fc2.bias": tensor([-0.956,-0.277]),
});
const x = tensor([[0.053,1.196,-0.881],[-0.472,-1.532,0.604],[-1.24,0.419,0.009],[-1.689,-1.762,-0.032],[0.937,-1.359,-1.138]]);
const target = tensor([0,0,0,0,0], { dtype: "int64" });
const opt = new optim.RMSprop(net.parameters(), { lr: 0.01, centered: true });
for (let step = 0; step < 5; step++) {
  opt.zeroGrad();
  const loss = F.crossEntropy(net.forward(x), target);
  loss.backward();
  opt.step();
}
