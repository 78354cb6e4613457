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
  "fc1.weight": tensor([[-1.422,-0.308,0.222],[-0.744,1.181,-1.116],[0.857,-0.038,-0.525],[0.131,0.994,0.665]]),
  "fc1.bias": tensor([0.147,0.127,-0.888,0.782]),
  "fc2.weight": tensor([[1.221,1.471,-0.154,1.053],[-1.603,-0.527,-0.323,-0.752]]),
  "fc2.bias": tensor([1.485,-1.382]),
});
const x = tensor([[0.714,-1.228,0.253],[0.763,0.939,0.99],[-1.838,-0.483,-1.603],[2.053,0.981,-0.734],[1.085,0.144,-1.299]]);
const target = tensor([1,1,0,0,0], { dtype: "int64" });
const opt = new optim.AdamW(net.parameters(), { lr: 0.05, weightDecay: 0.1 });
for (let step = 0; step < 5; step++) {
  opt.zeroGrad();
  const loss = F.crossEntropy(net.forward(x), target);
  loss.backward();
  opt.step();
}
