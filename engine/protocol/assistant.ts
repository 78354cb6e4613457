/** The variable by which the editor tells the server of an assistant where it listens for {@link OpenRequest}s. */
export const EDITOR_VARIABLE = "BACKSTEP_EDITOR";

/** A node to show in the editor: one line of JSON, answered by nothing, or by a sentence that says why not. */
export interface OpenRequest {
  /** Absolute path of a model file or a recording. */
  readonly file: string;
  readonly pass: number;
  readonly node: number;
}
