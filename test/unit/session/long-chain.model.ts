import { tensor } from "backstep";

const w = tensor(1, { requiresGrad: true });
let x = w.mul(2);
for (let i = 0; i < 40_000; i++) x = x.add(1);
x.backward();
