import { buildKernels as compileKernels } from "../../engine/kernels/assembly/build.ts";
import { inRepository, readManifest } from "../repository.ts";

/** Writes dist/kernels/*.wasm; what this compiler has made of the same sources before is taken from its cache. */
export async function buildKernels(): Promise<void> {
  const compiler = readManifest().devDependencies["assemblyscript"] ?? "";
  await compileKernels(inRepository("dist", "kernels"), { cacheFolder: inRepository(".types", `kernels-${compiler}`) });
}
