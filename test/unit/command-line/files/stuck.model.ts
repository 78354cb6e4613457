import { execSync } from "node:child_process";
import { tensor } from "backstep";

console.log("stuck");
execSync("sleep 20");
tensor(1, { requiresGrad: true }).mul(2).backward();
