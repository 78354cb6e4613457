// Passes of one structure, then of another, of which the last has no finite loss.
import { tensor } from "backstep";

const w = tensor([1, 2], { requiresGrad: true });
for (const scale of [1, 2, 0]) w.mul(scale).log().sum().backward();
w.exp().sum().backward();
