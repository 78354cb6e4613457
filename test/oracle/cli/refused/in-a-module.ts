import { ones, nn, F, type Tensor } from "backstep";

class Net extends nn.Module {
  fc1 = new nn.Linear(3, 4);
  fc2 = new nn.Linear(5, 2);
  forward(x: Tensor) {
    const h = F.relu(this.fc1.forward(x));
    return this.fc2.forward(h);
  }
}

const net = new Net();
net.forward(ones([2, 3])).sum().backward();
