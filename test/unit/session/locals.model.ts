import { tensor, type Tensor } from "backstep";

function step(weight: Tensor): void {
  const scale = 2.5;
  const loss = weight.mul(weight);
  loss.backward();
  console.log(scale);
}
step(tensor(3, { requiresGrad: true }));
