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
  "fc1.weight": tensor([[1.769,1.008,0.202],[-0.309,-0.653,0.684],[0.404,1.58,0.497],[0.267,0.897,0.929]]),
  "fc1.bias": tensor([0.331,-1.424,-1.746,0.557]),
  "fc2.weight": tensor([[-0.073,-0.254,0.011,-0.991],[0.912,0.706,-0.914,1.156]]),
  "fc2.bias": tensor([0.792,1.645]),
});
const x = tensor([[-0.564,-0.018,0.02],[-0.571,1.239,-0.469],[0.521,1.308,-0.215],[-1.567,0.201,0.293],[-0.063,1.179,1.057]]);
const target = tensor([1,0,0,1,0], { dtype: "int64" });
const opt = new optim.Adam(net.parameters(), { lr: 0.05 });
for (let step = 0; step < 5; step++) {
  opt.zeroGrad();
  const loss = F.crossEntropy(net.forward(x), target);
  loss.backward();
  opt.step();
}
