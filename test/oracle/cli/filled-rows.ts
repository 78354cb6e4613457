import { tensor, zeros } from "backstep";

const w = tensor([1.324,0.5], { requiresGrad: true });
const out = zeros([4, 2]);
for (let i = 0; i < 4; i++) out.select(0, i).copy_(w.mul(i + 1));
out.pow(2).sum().backward();
