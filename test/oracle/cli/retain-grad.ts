import { tensor } from "backstep";

const x = tensor([1.731,-0.437,0.736], { dtype: "float64", requiresGrad: true });
const h = x.exp();
h.retainGrad();
h.mul(h).add(h.sin()).sum().backward();
for (let i = 0; i < 3; i++) console.log(h.grad!.select(0, i).item());
