import type { Site } from "../../protocol/site.ts";

/** What becomes of a number that stands in the source. */
export type NewNumber = { readonly set: number } | { readonly times: number } | { readonly complement: true };

/** Something to be changed in the source, by what it means; where the text is not of that form, there is no edit. */
export type Change =
  /** What a call is applied to stands there by itself; a layer goes from its list, or becomes an Identity. */
  | { readonly kind: "leave-out"; readonly call: Site }
  | { readonly kind: "rename"; readonly call: Site; readonly from: string; readonly to: string }
  /** An argument by its place, counted without the tensor that a function takes first; or an option by its name. */
  | { readonly kind: "number"; readonly call: Site; readonly which: number | string; readonly to: NewNumber }
  /** An option, or the only argument, that is a word. */
  | { readonly kind: "word"; readonly call: Site; readonly from: string; readonly to: string }
  | { readonly kind: "append"; readonly call: Site; readonly text: string }
  /** Writes `text` behind the first or the second operand of a call. */
  | { readonly kind: "append-to-operand"; readonly call: Site; readonly operand: 0 | 1; readonly text: string }
  /** Another element before one of a list, in the namespace of that: `new nn.ReLU()`. */
  | { readonly kind: "insert-layer"; readonly before: Site; readonly layer: string }
  /** A statement of its own, on the object that `like` is called on or is assigned to. */
  | {
      readonly kind: "insert-call";
      readonly place: Site;
      readonly where: "before" | "after";
      readonly like: Site;
      readonly method: string;
    }
  /** A statement of one line goes to another place. */
  | { readonly kind: "move"; readonly statement: Site; readonly place: Site; readonly where: "before" | "after" };

/** How a finding can be mended, as its rule says it. */
export interface Remedy {
  readonly text: string;
  readonly changes: readonly Change[];
}
