/** What `nn.utils` offers. */
export { clipGradNorm_, clipGradValue_, clipGradsWithNorm_, getTotalNorm } from "./gradient-clipping.ts";
export { parametersToVector, vectorToParameters } from "./parameter-vector.ts";
