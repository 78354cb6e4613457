import { tensor, optim, F } from "backstep";

const enc = tensor([[-0.059,-1.002],[0.571,2.038],[-1.639,-1.605],[0.652,0.415]], { requiresGrad: true });
const dec = tensor([[-1.133,-2.235,-0.058,0.061],[0.873,0.3,-1.872,0.587]], { requiresGrad: true });
const x = tensor([[0.848,-0.084,0.52,-0.849],[0.895,-0.739,1.576,-2.716],[0.042,-1.33,0.567,1.048]]);
const opt = new optim.RMSprop([enc, dec], { lr: 0.01, momentum: 0.9 });
for (let step = 0; step < 3; step++) {
  opt.zeroGrad();
  const code = x.matmul(enc).sigmoid();
  const loss = F.binaryCrossEntropyWithLogits(code.matmul(dec), x.sigmoid());
  loss.backward();
  opt.step();
}
