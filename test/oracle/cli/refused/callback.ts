import { tensor, stack } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
const parts = [2, 3, 4].map((n) => {
  const wide = x.unsqueeze(1);
  return wide.expand(3, n).reshape(2, -1);
});
stack(parts).sum().backward();
