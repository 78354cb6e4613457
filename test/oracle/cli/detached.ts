import { tensor } from "backstep";

const x = tensor([0.2,-1.316,0.241], { requiresGrad: true });
const y = tensor([0.058,2.89,-0.957], { requiresGrad: true });
const h = x.sigmoid();
h.detach().mul(y).mul(x).sum().backward();
