import { tensor } from "backstep";

const x = tensor([1, 2, 3]);
const loss = x.mul(2).sum();
loss.backward();
