/** What model files see as `F`: layers, activations and losses as functions. */
export * from "./activations.ts";
export * from "./activations-in-place.ts";
export { scaledDotProductAttention } from "./attention.ts";
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  klDiv,
  nllLoss,
} from "./classification-losses.ts";
export * from "./channels.ts";
export { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d } from "./convolution.ts";
export * from "./distances.ts";
export { alphaDropout, dropout, dropout1d, dropout2d, dropout3d, featureAlphaDropout } from "./dropout.ts";
export { embedding, embeddingBag, oneHot } from "./embedding.ts";
export { linear } from "./linear.ts";
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  marginRankingLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  softMarginLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "./margin-losses.ts";
export { batchNorm, groupNorm, instanceNorm, layerNorm, normalize, rmsNorm } from "./normalisation.ts";
export { pad } from "./padding.ts";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
} from "./pooling.ts";
export { gaussianNllLoss, huberLoss, l1Loss, mseLoss, poissonNllLoss, smoothL1Loss } from "./regression-losses.ts";
export { logSoftmax, softmax, softmin } from "./softmax.ts";
export { interpolate, pixelShuffle, upsample, upsampleBilinear, upsampleNearest } from "./resizing.ts";
export { affineGrid, gridSample } from "./sampling.ts";
export { lpPool1d, lpPool2d } from "./pooling.ts";
export { adaptiveAvgPool3d, adaptiveMaxPool3d, avgPool3d, lpPool3d, maxPool3d } from "./volume-pooling.ts";
export { ctcLoss } from "./ctc-loss.ts";
