import { tensor, noGrad } from "backstep";

const x = tensor([[1.365,0.591,1.924,0.865],[1.148,0.685,-0.248,-1.678],[0.18,0.619,-0.356,-0.903]], { dtype: "float64" });
const w = tensor([-0.065,-1.586,-0.098,-0.248], { dtype: "float64", requiresGrad: true });
for (let i = 0; i < 2; i++) {
  x.matmul(w).logsumexp(0).backward();
  noGrad(() => {
    w.sub_(w.grad!);
    w.grad!.zero_();
  });
}
