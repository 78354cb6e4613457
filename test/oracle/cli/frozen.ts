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
  "fc1.weight": tensor([[-0.905,0.433,1.05],[-0.595,-0.228,-0.474],[-0.132,-1.048,-2.163],[1.258,-0.487,-1.08]]),
  "fc1.bias": tensor([0.659,1.073,-0.021,-2.234]),
  "fc2.weight": tensor([[0.885,-0.373,0.57,0.979],[1.603,0.899,1.337,0.004]]),
  "fc2.bias": tensor([0.168,0.451]),
});
const x = tensor([[-0.286,-0.325,-1.062],[0.091,-1.562,-0.344],[-1.497,0.03,-0.421],[-0.022,0.431,-1.133],[0.721,1.091,-0.053]]);
const target = tensor([1,0,0,1,1], { dtype: "int64" });
for (const p of net.fc1.parameters()) p.requiresGrad_(false);
F.crossEntropy(net.forward(x), target).backward();
