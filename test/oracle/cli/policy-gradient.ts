import { tensor } from "backstep";

const w = tensor([[0.074,2.091],[0.018,-1.433],[-0.2,1.154]], { requiresGrad: true });
const states = tensor([[-1.49,-0.806,0.231],[0.279,-1.109,-0.946],[1.606,1.251,-1.435],[1.601,0.636,-0.328]]);
const actions = tensor([1,0,1,0], { dtype: "int64" });
const returns = tensor([-0.559,0.369,-0.709,1.629]);
const logp = states.matmul(w).logSoftmax(1).gather(1, actions.unsqueeze(1)).squeeze(1);
const entropy = logp.exp().mul(logp).sum().neg();
const loss = logp.mul(returns.sub(returns.mean())).sum().neg().sub(entropy.mul(0.01));
loss.backward();
