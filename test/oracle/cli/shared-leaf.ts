import { tensor } from "backstep";

const w = tensor([-1.241,-0.906,-1.435], { requiresGrad: true });
w.exp().sum().mul(w.sin().sum()).add(w.select(0, 0)).backward();
