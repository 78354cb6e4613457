import { tensor, nn, F } from "backstep";

const embed = new nn.Embedding(5, 3, { paddingIdx: 0 });
embed.loadStateDict({ weight: tensor([[0.377,-0.286,0.338],[-0.749,-1.155,-1.001],[-0.244,0.879,-1.725],[0.014,-1.333,0.623],[0.009,-0.835,-2.12]]) });
const w = tensor([[-1.576,0.481,-0.947,-1.488],[1.462,0.038,1.013,1.268],[0.29,-1.507,-0.324,0.96]], { requiresGrad: true });
const ids = tensor([[1,0,3],[3,4,2]], { dtype: "int64" });
const target = tensor([0,1], { dtype: "int64" });
const h = embed.forward(ids).mean(1);
F.crossEntropy(h.matmul(w), target).backward();
