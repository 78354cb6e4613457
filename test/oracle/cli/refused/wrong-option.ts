import { ones, F } from "backstep";

const x = ones([2, 2], { requiresGrad: true });
const loss = F.mseLoss(x, ones([2, 2]), { reduction: "average" });
loss.backward();
