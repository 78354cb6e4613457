import { tensor } from "backstep";
for (let i = 0; i < 20000; i++) console.log("line", i);
const w = tensor([1, 2], { requiresGrad: true });
w.mul(w).sum().backward();
