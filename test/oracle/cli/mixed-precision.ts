import { tensor } from "backstep";

const a = tensor([0.997,-0.856,1.136], { requiresGrad: true });
const b = tensor([0.409,-0.274,0.999], { dtype: "float64", requiresGrad: true });
a.double().mul(b).sum().backward();
a.grad = null;
b.grad = null;
a.mul(b).exp().sum().backward();
