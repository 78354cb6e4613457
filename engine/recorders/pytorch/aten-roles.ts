import type { OpRole } from "../../ops/role.ts";

/** What ops of torch are to a finding that no record of ours stands for, by their name. */
const ROLES: Readonly<Record<string, OpRole>> = {
  batch_norm: "batch-norm",
  native_batch_norm: "batch-norm",
  __getitem__: "pick",
  masked_select: "pick",
  take_along_dim: "pick",
  chunk: "part",
  split: "part",
  unbind: "part",
  rnn_tanh_cell: "recurrent-cell",
  rnn_relu_cell: "recurrent-cell",
  gru_cell: "recurrent-cell",
  lstm_cell: "recurrent-cell",
  lstm: "recurrent-cell",
  gru: "recurrent-cell",
  max: "extreme",
  min: "extreme",
  binary_cross_entropy: "binary-cross-entropy",
  cross_entropy_loss: "cross-entropy",
  nll_loss: "nll",
  nll_loss_nd: "nll",
};

/** The role of an op of torch by its name; what writes in place does the same. */
export function atenRole(name: string): OpRole {
  const plain = /^[a-z].*[^_]_$/u.test(name) ? name.slice(0, -1) : name;
  return Object.hasOwn(ROLES, plain) ? ROLES[plain]! : "other";
}
