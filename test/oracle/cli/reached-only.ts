import { tensor } from "backstep";

const a = tensor([-0.515,1.151], { requiresGrad: true });
const b = tensor([0.868,-1.575,-0.066], { requiresGrad: true });
a.mul(2).sum().backward();
b.mul(b).sum().backward();
