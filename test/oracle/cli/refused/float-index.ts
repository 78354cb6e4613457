import { tensor } from "backstep";

const x = tensor([1, 2, 3], { requiresGrad: true });
const picked = x.index([tensor([0, 1])]);
picked.sum().backward();
