import { tensor } from "backstep";

const x = tensor([-1.356,-0.344,0.307,0.237], { requiresGrad: true });
const h = x.mul(3);
h.registerHook((g) => g.clamp(-0.5, 0.5));
x.registerHook((g) => g.mul(2));
h.mul(h).sum().backward();
