import type { PassView } from "./pass-view.ts";

const COSINE: ReadonlySet<string> = new Set(["cosineSimilarity"]);

/** Two values of which a loss takes the cosine of the angle between them. */
export interface Similarity {
  readonly row: number;
  readonly one: number;
  readonly other: number;
  /** 1 where a smaller loss makes them less alike. */
  readonly sign: number;
}

/** Reads a loss that is nothing but mean similarities: 1 − cos, −(cos₁ + cos₂) / 2; none where anything else is in it. */
export function similaritiesOf(view: PassView): readonly Similarity[] {
  const [root] = view.pass.roots;
  if (root === undefined) return [];
  const found: Similarity[] = [];
  const isWhole = visit(root, 1);
  return isWhole ? found : [];

  function visit(row: number, sign: number): boolean {
    const scope = view.isOp(row) ? view.functionScope(row, COSINE) : -1;
    if (scope >= 0) {
      const inside = (at: number): boolean => view.isOp(at) && view.functionScope(at, COSINE) === scope;
      const product = [...view.behind(row)].find(
        (at) => inside(at) && view.is(at, "multiply") && !view.inputs(at).some(inside),
      );
      if (product === undefined) return false;
      const [one, other] = view.inputs(product);
      if (one === undefined || other === undefined) return false;
      found.push({ row: product, one, other, sign });
      return true;
    }
    const inputs = view.inputs(row);
    switch (view.role(row)) {
      case "mean":
      case "sum":
      case "reshape":
        return visit(inputs[0]!, sign);
      case "negate":
        return visit(inputs[0]!, -sign);
      case "multiply":
      case "divide":
        return inputs.length === 1 && !view.isNumberFirst(row) && visit(inputs[0]!, sign * Math.sign(view.number(row)));
      case "subtract":
        if (inputs.length === 1) return visit(inputs[0]!, view.isNumberFirst(row) ? -sign : sign);
        return visit(inputs[0]!, sign) && visit(inputs[1]!, -sign);
      case "add":
        return inputs.every((input) => visit(input, sign));
      default:
        return false;
    }
  }
}
