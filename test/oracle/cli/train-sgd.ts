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
  "fc1.weight": tensor([[0.237,0.568,0.601],[-0.588,-0.685,0.7],[0.155,-1.913,0.85],[-2.051,-0.305,1.253]]),
  "fc1.bias": tensor([-1.899,-1.154,-2.227,0.674]),
  "fc2.weight": tensor([[0.408,-1.309,-0.568,0.892],[-1.421,-0.572,0.299,-0.167]]),
  "fc2.bias": tensor([-0.59,0.274]),
});
const x = tensor([[0.846,0.986,-0.87],[1.044,-0.491,-0.024],[-0.572,-0.568,-0.275],[0.363,-1.628,-0.432],[0.093,-0.138,0.562]]);
const target = tensor([0,1,1,0,0], { dtype: "int64" });
const opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let step = 0; step < 5; step++) {
  opt.zeroGrad();
  const loss = F.crossEntropy(net.forward(x), target);
  loss.backward();
  opt.step();
}
