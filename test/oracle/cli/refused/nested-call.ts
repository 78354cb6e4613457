import { tensor } from "backstep";

const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
const y = x
  .mul(2)
  .add(tensor([1, 2, 3]))
  .sum();
y.backward();
