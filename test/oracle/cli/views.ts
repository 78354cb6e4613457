import { tensor } from "backstep";

const x = tensor([[-0.509,-0.297,-1.435],[0.692,1.242,1.17]], { requiresGrad: true });
const y = x.t().unsqueeze(1).expand(3, 2, 2).permute(2, 0, 1).reshape(2, 6);
y.select(0, 0).mul(y.select(0, 1).exp()).sum().backward();
