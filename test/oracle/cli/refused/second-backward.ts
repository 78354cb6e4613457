import { tensor } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
const y = x.pow(2).sum();
y.backward();
console.log("once");
y.backward();
