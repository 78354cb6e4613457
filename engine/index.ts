/** What model files import as "backstep". Ops and methods are listed in all-ops.ts; here is what has a name of its own. */
import "./all-ops.ts";
import { startModelRuntime } from "./model-runtime.ts";

startModelRuntime();

export { tensor } from "./tensor/creation.ts";
export { Tensor } from "./tensor/tensor.ts";
export { noGrad, enableGrad } from "./autograd/grad-mode.ts";
export * as autograd from "./autograd/public.ts";
