import { tensor } from "backstep";

const x = tensor([[-3.208,-1.32,-0.654,-0.187],[-0.962,0.754,-1.432,0.353],[0.953,0.083,0.226,-0.996]]);
const w = tensor([0.059,-0.367,-2.834,-0.413], { requiresGrad: true });
for (let i = 0; i < 3; i++) x.select(0, i).mul(w).sum().tanh().backward();
