import { tensor } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
for (let i = 0; i < 5; i++) {
  const y = x.mul(2);
  y.select(0, i).backward();
}
