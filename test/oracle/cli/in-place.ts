import { tensor } from "backstep";

const x = tensor([[2.361,0.07,-0.261],[0.209,-0.674,-0.263]], { requiresGrad: true });
const v = tensor([0.253,-0.9,1.142], { requiresGrad: true });
const a = x.mul(2);
a.select(0, 1).copy_(v);
a.narrow(1, 0, 2).mul_(3);
a.mul(a).sum().backward();
