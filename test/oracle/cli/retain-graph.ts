import { tensor } from "backstep";

const x = tensor([0.283,-0.353,-0.448,0.114], { requiresGrad: true });
const y = x.mul(x).sum().sqrt();
y.backward({ retainGraph: true });
y.backward();
