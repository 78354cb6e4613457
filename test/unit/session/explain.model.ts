import { tensor } from "backstep";

const w = tensor(
  [
    [1, 2],
    [3, 4],
    [5, 6],
  ],
  { requiresGrad: true },
);
const x = tensor([[1, -1, 2]]);

// w is read through a transpose, a copy of that, and a view of the copy.
const turned = w.t();
const copied = turned.clone();
const y = x.matmul(copied.view([2, 3]).t());
const on = y.relu();
// A second reader of y, through a view of one of its elements.
const first = y.narrow(1, 0, 1);
const loss = on
  .mul(tensor([[10, 100]]))
  .sum()
  .add(first.square().sum());
loss.backward();
