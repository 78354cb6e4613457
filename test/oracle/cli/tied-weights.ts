import { tensor, nn, F } from "backstep";

const embed = new nn.Embedding(4, 3);
embed.loadStateDict({ weight: tensor([[-0.259,-1.48,0.46],[-1.251,0.734,0.286],[-0.119,-0.083,-0.084],[-1.093,0.654,-0.336]]) });
const ids = tensor([2,3,2], { dtype: "int64" });
const target = tensor([1,3,0], { dtype: "int64" });
const h = embed.forward(ids).tanh();
F.crossEntropy(h.matmul(embed.weight.t()), target).backward();
