import { tensor } from "backstep";

const a = tensor(2, { requiresGrad: true });
const b = tensor(-3, { requiresGrad: true });
const e = a.mul(b);
const d = e.add(a);
const loss = d.mul(d);
loss.backward();
