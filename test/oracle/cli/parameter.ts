import { tensor, nn, optim, type Tensor } from "backstep";

class Scale extends nn.Module {
  logScale = new nn.Parameter(tensor([-1.34,1.061]));
  forward(x: Tensor) {
    return x.mul(this.logScale.exp());
  }
}

const scale = new Scale();
const opt = new optim.Adam(scale.parameters(), { lr: 0.1 });
const x = tensor([[1.352,-0.759],[0.466,-0.66],[-0.965,0.608],[-0.884,0.131],[-1.519,0.54]]);
for (let step = 0; step < 3; step++) {
  opt.zeroGrad();
  scale.forward(x).std(0).sub(1).square().sum().backward();
  opt.step();
}
