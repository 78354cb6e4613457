/**
 * Defines every op record and adds every family's methods to Tensor, and nothing else: threads that replay tapes load
 * this, and start a runtime of their own.
 */
import "./tensor/methods/autograd.ts";
import "./tensor/methods/elementwise.ts";
import "./tensor/methods/comparisons.ts";
import "./tensor/methods/combinations.ts";
import "./tensor/methods/shapes.ts";
import "./tensor/methods/splits.ts";
import "./tensor/methods/reductions.ts";
import "./tensor/methods/matrices.ts";
import "./tensor/methods/indexing.ts";
import "./tensor/methods/sorting.ts";
import "./tensor/methods/derived.ts";
import "./tensor/methods/special.ts";
import "./tensor/methods/draws.ts";
import "./tensor/methods/further.ts";
import "./tensor/methods/in-place.ts";
import "./tensor/methods/copies.ts";
import "../ops/activation-functions.ts";
import "../ops/attention.ts";
import "../ops/binary-cross-entropy.ts";
import "../ops/convolution.ts";
import "../ops/cross-entropy.ts";
import "../ops/embedding.ts";
import "../ops/linear.ts";
import "../ops/lstm-cell.ts";
import "../ops/negative-log-likelihood.ts";
import "../ops/normalisation.ts";
import "../ops/padding.ts";
import "../ops/pooling.ts";
import "./tensor/methods/softmax.ts";
import "./tensor/keywords.ts";
import "./tensor/traps.ts";
import "../ops/fixed-normalisation.ts";
import "../ops/squared-error.ts";
