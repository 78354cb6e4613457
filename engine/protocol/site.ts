/** A range of the user's source. Lines and columns count from 1; columns are UTF-16 units, as editors count them. */
export interface Site {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** The function or method around the call (`Net.forward`), when there is one. */
  readonly within?: string;
}
