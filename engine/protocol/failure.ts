import type { Site } from "./site.ts";

export type FailureKind =
  /** The model file does not parse. */
  | "syntax"
  /** An import cannot be found, or lacks the name. */
  | "import"
  /** The engine refused a call: shapes, dtypes, options. */
  | "shape"
  | "dtype"
  | "value"
  | "autograd"
  /** User code threw, or a promise it made was rejected and nobody caught it. */
  | "exception"
  | "rejection"
  | "stack-overflow"
  /** The engine process is gone. */
  | "out-of-memory"
  | "exited"
  | "crashed"
  /** What the program is run with is not there, too old, or lacks something. */
  | "environment"
  /** The file ran to its end and never called backward(). */
  | "no-backward"
  /** A request that makes no sense now (no such pass, no session …). */
  | "request";

/** An error as it crosses a boundary. */
export interface Failure {
  readonly kind: FailureKind;
  /** What happened, one line, in the user's terms: "matmul: inner sizes differ, [64, 784] · [128, 784]". */
  readonly message: string;
  /** Where in the user's source; null when no line is to blame. */
  readonly site: Site | null;
  /** What to do about it: "did you mean w.t()?". */
  readonly fix?: string;
  /** Other places that matter: the write that spoiled a saved value, the import that led here. */
  readonly related?: readonly { readonly message: string; readonly site: Site }[];
  /** The user's frames, innermost first; none of ours. */
  readonly frames?: readonly Frame[];
}

export interface Frame {
  readonly name: string;
  readonly site: Site;
}
