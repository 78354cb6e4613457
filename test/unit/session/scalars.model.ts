import { tensor } from "backstep";

const x = tensor([1, -2]);
const w = tensor(
  [
    [3, 5],
    [7, 1],
  ],
  { requiresGrad: true },
);
const h = w.matmul(x).relu();
const large = tensor(
  Array.from({ length: 100 }, () => 1),
  { requiresGrad: true },
);
const loss = h.square().sum().add(large.sum());
loss.backward();
