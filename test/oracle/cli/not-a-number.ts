import { tensor } from "backstep";

const x = tensor([-0.467,-0.869], { requiresGrad: true });
x.sub(x).div(x.sub(x)).sum().backward();
