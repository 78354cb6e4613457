import { tensor, zeros, F } from "backstep";

const logits = zeros([2, 3], { requiresGrad: true });
const target = tensor([0, 3], { dtype: "int64" });
const loss = F.crossEntropy(logits, target);
loss.backward();
