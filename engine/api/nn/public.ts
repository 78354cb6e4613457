/** What model files see as `nn`. */
export * from "./activations.ts";
export { MultiheadAttention } from "./attention.ts";
export { ModuleDict, ModuleList, Sequential } from "./containers.ts";
export { Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "./convolution.ts";
export { AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout } from "./dropout.ts";
export { Embedding, EmbeddingBag } from "./embedding.ts";
export * as utils from "./public-utils.ts";
export * as init from "./init.ts";
export * from "./frames.ts";
export * from "./lazy.ts";
export { Bilinear, Linear } from "./linear.ts";
export * from "./losses.ts";
export { Module } from "./module.ts";
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  GroupNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  LayerNorm,
  RMSNorm,
} from "./normalisation.ts";
export { Parameter } from "./parameter.ts";
export { ParameterDict, ParameterList } from "./parameter-containers.ts";
export * from "./resizing.ts";
export { Transformer, TransformerDecoder, TransformerDecoderLayer } from "./transformer-decoder.ts";
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
  AvgPool1d,
  AvgPool2d,
  AvgPool3d,
  LPPool1d,
  LPPool2d,
  LPPool3d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
} from "./pooling.ts";
export { GRUCell, LSTMCell, RNNCell } from "./recurrent-cells.ts";
export { GRU, LSTM, RNN } from "./recurrent.ts";
export { Flatten, Identity, Unflatten } from "./shape-modules.ts";
export type { StateDict } from "./state-dict.ts";
export { TransformerEncoder, TransformerEncoderLayer } from "./transformer.ts";
