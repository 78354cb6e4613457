import { tensor, ones } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
const h = x.mul(2);
h.registerHook((grad) => {
  const short = ones([2]);
  console.log(grad.shape.length);
  return short;
});
const loss = h.sum();
loss.backward();
