/** What `nn.utils` offers. */
export { clipGradNorm_, clipGradValue_ } from "./gradient-clipping.ts";
export { parametersToVector, vectorToParameters } from "./parameter-vector.ts";
