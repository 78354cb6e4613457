import { tensor } from "backstep";

const x = tensor([-0.931,-0.326,-1.001], { requiresGrad: true });
x.mul(1000).exp().sum().backward();
