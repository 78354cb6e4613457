import { roleOf } from "../../ops/role.ts";
import type { Site } from "../../protocol/site.ts";
import type { Cut } from "../../training/cuts.ts";

/** A place where values left the graph, as the recorder tells of it. */
export interface PythonCut {
  /** Name of an op whose result has no gradient: "step". */
  readonly kind: "detach" | "no-grad" | "step" | "read";
  /** The function that was called. */
  readonly name: string;
  readonly site: Site | null;
  /** The variable whose values were cut off; empty where that is not known. */
  readonly label: string;
  readonly parameters: readonly number[];
  /** What was cut off is something behind it. */
  readonly carried: boolean;
  /** How often in a row values were cut off there since the pass before, each made of the one before. */
  readonly times: number;
  /** How many passes had ended by then. */
  readonly epoch: number;
  /** What was cut off belongs to the graph of an earlier pass. */
  readonly before: boolean;
}

/** A cut that a constant of a pass came through. */
export interface PythonRowCut extends PythonCut {
  readonly row: number;
  /** The row whose values were cut off; −1 where it is none of the pass, or something behind it was. */
  readonly source: number;
}

/** How to speak of a cut in a script. */
export function cutOfPython({ kind, name, site, label, parameters }: PythonCut): Cut {
  const of = { site, parameters: new Set(parameters), leaves: [] };
  const what = label || "the value";
  switch (kind) {
    case "detach":
      return {
        ...of,
        by: name === "data" ? ".data" : "detach()",
        why: `what follows takes ${what} for a constant`,
        fix: `Leave the ${name === "data" ? ".data" : "detach()"} out here.`,
      };
    case "read":
      return {
        ...of,
        by: `${spoken(name)}()`,
        why: `it gives plain numbers, and a tensor made of those knows nothing of ${what}`,
        fix: `Keep ${what} a tensor: add and stack tensors, and call ${spoken(name)}() only to print.`,
      };
    case "no-grad":
      return {
        ...of,
        by: "torch.no_grad()",
        why: `${spoken(name)} ran inside it, so ${label || "its result"} is a constant`,
        fix: "Compute what the loss is made of outside of no_grad.",
      };
    case "step":
      return { ...of, ...stepCut(name) };
  }
}

const COMPARISONS = /^(?:__)?(?:eq|ne|lt|le|gt|ge|isnan|isinf|isfinite|isclose|logical_\w+)(?:__)?$/u;
/** Of ops that give positions beside values it is the positions that have no gradient. */
const POSITIONS =
  /^(?:argmax|argmin|argsort|bincount|nonzero|searchsorted|bucketize|max|min|topk|sort|kthvalue|median|mode|cummax|cummin)$/u;

/** Whether what a cut gave are positions. */
export function givesPositions({ kind, name }: PythonCut): boolean {
  return kind === "step" && POSITIONS.test(name);
}

function stepCut(name: string): Pick<Cut, "by" | "why" | "fix"> {
  const by = `${spoken(name)}()`;
  if (POSITIONS.test(name) || roleOf(name) === "position") {
    return {
      by,
      why: "it gives positions, which do not change with small changes of the values",
      fix: "Compute the loss from the scores or probabilities themselves.",
    };
  }
  if (COMPARISONS.test(name)) {
    return {
      by,
      why: "it gives true or false, which do not change with small changes of the values",
      fix: "Compute the loss from the values before they are compared.",
    };
  }
  return {
    by: /^(?:long|int|short|byte|char|bool|to|type|type_as)$/u.test(name) ? "the conversion to integers" : by,
    why: "integers have no gradient",
    fix: "Keep the values floating-point up to the loss.",
  };
}

/** `float` for `__float__`. */
function spoken(name: string): string {
  return name.replace(/^__|__$/gu, "");
}
