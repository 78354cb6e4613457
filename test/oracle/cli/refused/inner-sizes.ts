import { tensor, ones } from "backstep";

const x = ones([2, 3], { requiresGrad: true });
const w = ones([2, 4]);
const h = x.relu();
const y = h.matmul(w);
y.sum().backward();
