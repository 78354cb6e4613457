import { tensor } from "backstep";

const x = tensor([0.198,-0.119,1.373], { requiresGrad: true });
let h = x;
for (let i = 0; i < 200; i++) h = h.mul(1.01).sin();
h.sum().backward();
