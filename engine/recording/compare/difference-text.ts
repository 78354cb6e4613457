import { t } from "../../language/translate.ts";
import { differenceOf, type ComparedNode } from "../../protocol/comparison.ts";
import { titleFrom } from "../node-names.ts";

/** What the two passes of a comparison are called, and how numbers are written, where a difference is told. */
export interface DifferenceWords {
  /** "the first", "this pass". */
  readonly passes: readonly [string, string];
  readonly number: (value: number) => string;
}

/** How a node differs beyond a tolerance, in words; null where it does not. */
export function differenceText(
  node: ComparedNode,
  tolerance: number,
  { passes: [here, there], number }: DifferenceWords,
): string | null {
  const title = titleFrom(node);
  switch (differenceOf(node, tolerance)) {
    case null:
      return null;
    case "only-first":
      return t`${title} is in ${here} alone`;
    case "only-second":
      return t`${title} is in ${there} alone`;
    case "shape":
      return t`${title} is [${node.shapes[0]!.join(", ")}] in ${here} and [${node.shapes[1]!.join(", ")}] in ${there}`;
    case "value":
      return t`${title} differs by ${number(node.value)} of its norm`;
    case "gradient":
      return t`the gradient of ${title} differs by ${number(node.gradient)} of its norm`;
    case "missing-gradient":
      return t`${title} has a gradient in one alone`;
  }
}
