import { tensor } from "backstep";
import fs, { writeSync } from "node:fs";
const w = tensor([1, 2], { requiresGrad: true });
w.mul(w).sum().backward();
writeSync(1, "hello\n");
fs.writeFileSync(1, "there\n");
process.exitCode = 9;
