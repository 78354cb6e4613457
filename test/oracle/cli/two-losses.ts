import { tensor } from "backstep";

const x = tensor([[-0.122,-0.109],[0.024,-0.481],[-1.799,-0.192]]);
const w = tensor([[0.284,-0.62],[0.782,-0.63]], { requiresGrad: true });
const h = x.matmul(w).tanh();
h.mean().backward({ retainGraph: true });
w.grad = null;
h.pow(2).sum().backward();
