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
  "fc1.weight": tensor([[1.35,-0.01,-0.141],[-0.442,-1.239,-1.238],[1.177,-1.672,1.528],[-0.527,0.529,0.001]]),
  "fc1.bias": tensor([-0.093,-0.325,-1.785,-0.957]),
  "fc2.weight": tensor([[-0.005,-1.555,-0.33,0.06],[-0.62,1.928,-0.483,0.557]]),
  "fc2.bias": tensor([0.129,0.485]),
});
const x = tensor([[0.205,2.454,-1.602],[-0.996,0.562,-0.855],[0.466,-0.534,-0.003],[1.294,-1.283,-1.917],[0.172,-0.907,-0.052]]);
const target = tensor([0,0,1,0,0], { dtype: "int64" });
const opt = new optim.SGD(net.parameters(), { lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 });
for (let step = 0; step < 5; step++) {
  opt.zeroGrad();
  const loss = F.crossEntropy(net.forward(x), target);
  loss.backward();
  opt.step();
}
