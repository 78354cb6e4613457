import { tensor, nn, F } from "backstep";

const net = new nn.Sequential(new nn.Linear(2, 3), new nn.GELU(), new nn.Linear(3, 1));
net.loadStateDict({
  "0.weight": tensor([[-0.513,0.842],[-0.458,0.299],[0.097,0.339]]),
  "0.bias": tensor([-0.287,-0.916,0.312]),
  "2.weight": tensor([[-0.471,-1.874,-0.797]]),
  "2.bias": tensor([-0.835]),
});
const x = tensor([[0.606,-0.55],[-0.193,0.974],[-0.768,-0.743],[-1.004,-1.044]], { requiresGrad: true });
const y = tensor([0.107,0.198,-0.945,-0.663]);
F.mseLoss(net.forward(x).squeeze(1), y).backward();
