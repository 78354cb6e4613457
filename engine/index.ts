/** What model files import as "backstep". */
import "./tensor/methods/elementwise.ts";
import "./tensor/methods/autograd.ts";
import { startLocalRuntime } from "./local-runtime.ts";

startLocalRuntime();

export { tensor } from "./tensor/creation.ts";
export { Tensor } from "./tensor/tensor.ts";
export { noGrad, enableGrad } from "./autograd/grad-mode.ts";
export * as autograd from "./autograd/public.ts";
