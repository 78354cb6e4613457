import { tensor } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
const h = x.mul(2);
const y = h.square();
h.add_(1);
const loss = y.sum();
loss.backward();
