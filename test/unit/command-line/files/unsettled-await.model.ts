import { tensor } from "backstep";
const w = tensor([1, 2], { requiresGrad: true });
w.mul(w).sum().backward();
await new Promise(() => {});
w.mul(w).sum().backward();
