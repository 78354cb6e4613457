import { tensor } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
x.mul_(2);
x.sum().backward();
