/** What `nn.utils` offers. */
export { clipGradNorm_, clipGradValue_, clipGradsWithNorm_, getTotalNorm } from "./gradient-clipping.ts";
export { parametersToVector, vectorToParameters } from "./parameter-vector.ts";
export * as parametrizations from "./parametrizations.ts";
export * as parametrize from "./parametrize.ts";
export * as rnn from "./public-rnn.ts";
export { removeSpectralNorm, spectralNorm } from "./spectral-norm.ts";
export { removeWeightNorm, weightNorm } from "./weight-norm.ts";
