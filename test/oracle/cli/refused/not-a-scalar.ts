import { tensor } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
const y = x.mul(2);
y.backward();
