/** What `nn.utils.rnn` offers. */
export {
  packPaddedSequence,
  packSequence,
  PackedSequence,
  padPackedSequence,
  padSequence,
  unpackSequence,
  unpadSequence,
} from "./packed-sequence.ts";
