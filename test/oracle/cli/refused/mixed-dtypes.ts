import { ones } from "backstep";

const x = ones([2, 2], { requiresGrad: true });
const w = ones([2, 2], { dtype: "float64" });
const y = x.matmul(w);
y.sum().backward();
