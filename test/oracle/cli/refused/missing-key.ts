import { ones, nn } from "backstep";

const layer = new nn.Linear(2, 3);
const weight = ones([3, 2]);
layer.loadStateDict({ weight });
layer.forward(ones([1, 2])).sum().backward();
