import { EVIDENCE, type Cause, type CheckRow, type Verdict } from "../../protocol/check.ts";
import type { NodeId } from "../../protocol/ids.ts";
import { unflatten } from "../../core/element-index.ts";
import type { DoubleReplay } from "../replay/double-replay.ts";
import type { ReadablePass } from "../../reading/readable-pass.ts";
import type { CheckTask } from "../check-task.ts";
import type { InputCheck } from "./input-check.ts";
import { concatenated } from "../replay/elements.ts";
import { emptyEvidence, unknownEvidence } from "./evidence.ts";
import { worst } from "./verdict.ts";
import { opNameOf } from "../../recording/node-names.ts";

/** From good to bad. */
const VERDICTS: readonly Verdict[] = ["pass", "inconclusive", "fail"];

/**
 * A verdict over all inputs of an op, or over a parameter, with the numbers of its worst element.
 * @param lost said where there is nothing else to say: that the run lost precision.
 */
export async function rowOf(
  replay: DoubleReplay,
  node: NodeId,
  checks: readonly InputCheck[],
  explain: ((check: InputCheck) => Promise<Cause>) | null,
  lost: string | null,
): Promise<CheckRow> {
  const { reader } = replay;
  const common = {
    node,
    scope: explain ? ("op" as const) : reader.isOp(node) ? ("result" as const) : ("parameter" as const),
    name: reader.isOp(node) ? opNameOf(reader, node) : reader.label(node),
    label: reader.label(node),
    site: reader.site(node),
  };
  const compared = checks.reduce((sum, check) => sum + check.comparisons.length, 0);
  const of = checks.reduce((sum, check) => sum + check.count, 0);
  if (compared === 0) {
    return {
      ...common,
      input: null,
      verdict: "pass",
      evidence: emptyEvidence(),
      worst: [],
      compared,
      of,
      reason: "there are no elements to compare",
    };
  }
  const together = checks.every((check) => check.together === true || check.comparisons.length === check.count);
  const worstOfAll = worst(checks.flatMap((check) => check.comparisons));
  const check = checks.find((candidate) => candidate.comparisons.includes(worstOfAll))!;
  const { relError, analytic, numeric, errorBar, step, reason } = worstOfAll;
  const surrogate = reader.surrogate(node);
  const intended = surrogate !== null && worstOfAll.verdict === "fail";
  const isWrong = worstOfAll.verdict === "fail" && !intended && explain !== null;
  const cause = isWrong ? await causeOf(checks, check, explain, operandNamesOf(reader, node)) : null;
  const backward = reader.backwardSite(node);
  const said = intended ? `intended: ${surrogate}` : (reason ?? lost ?? undefined);
  return {
    ...common,
    ...(explain ? inputOf(reader, node, check.input) : { input: null }),
    verdict: intended ? "pass" : worstOfAll.verdict,
    evidence: Float64Array.of(relError, analytic, numeric, errorBar, step),
    worst: worstOfAll.element < 0 ? [] : unflatten(check.shape, worstOfAll.element),
    compared,
    of,
    ...(together && compared < of && { together: true as const }),
    // What is compared of an op is its own rule with random cotangents: no gradient of this pass.
    ...(explain === null && { elements: elementsOf(check) }),
    ...(cause && { cause: backward ? { ...cause, backward } : cause }),
    ...(said !== undefined && { reason: said }),
  };
}

/**
 * Why an op is wrong: the cause for the worst of its inputs, and what is known of the others. Where several are wrong for
 * one reason, it is said once.
 */
export async function causeOf(
  checks: readonly InputCheck[],
  worstCheck: InputCheck,
  explain: (check: InputCheck) => Promise<Cause>,
  names: readonly string[],
): Promise<Cause> {
  const wrong = checks.filter(({ comparisons }) => comparisons.some(({ verdict }) => verdict === "fail"));
  const own = await explain(worstCheck);
  if (wrong.length === 1) {
    return checks.length === 1 ? own : { ...own, text: `for ${names[worstCheck.input]} alone: ${own.text}` };
  }
  const notes: string[] = [];
  let first = own;
  for (const check of wrong) {
    if (check === worstCheck) continue;
    const other = await explain(check);
    if (first.kind === "unknown" && other.kind !== "unknown") {
      // A fix is for the input that the check row names.
      const { fix: _, ...rest } = other;
      first = { ...rest, text: `${names[check.input]}: ${other.text}` };
    }
    notes.push(
      other.text === own.text ? `so is the gradient of ${names[check.input]}` : `${names[check.input]}: ${other.text}`,
    );
  }
  const text =
    first === own
      ? `${names[worstCheck.input]}: ${own.text}`
      : `${first.text}; ${names[worstCheck.input]}: ${own.text}`;
  return { ...first, text: [text, ...notes.filter((note) => !text.includes(note))].join("; ") };
}

/** What a Function's forward calls its tensor arguments; of an op of the engine, their variables. */
export function operandNamesOf(reader: ReadablePass, row: number): readonly string[] {
  const known = reader.operandNames(row);
  return reader.inputs(row).map((input, i) => known[i] ?? (reader.label(input) || `input ${i}`));
}

/** Which input a check row is about, where there are several. */
export function inputOf(reader: ReadablePass, row: number, input: number): Pick<CheckRow, "input" | "inputName"> {
  if (reader.inputs(row).length < 2) return { input: null };
  return { input, inputName: operandNamesOf(reader, row)[input]! };
}

/** Every compared element. A directional check compares no element by itself and gives none. */
function elementsOf({ comparisons }: InputCheck): Float64Array {
  const single = comparisons.filter(({ element }) => element >= 0);
  const numbers = new Float64Array(4 * single.length);
  let at = 0;
  for (const { element, analytic, numeric, errorBar } of single) {
    numbers[at++] = element;
    numbers[at++] = analytic;
    numbers[at++] = numeric;
    numbers[at++] = errorBar;
  }
  return numbers;
}

/** One check row of two about parts of the same parameter: with the worse of the two verdicts, and of the numbers behind it. */
export function joinRows(a: CheckRow, b: CheckRow): CheckRow {
  // A parameter of fewer elements than threads has parts without any.
  if (a.compared === 0) return b;
  if (b.compared === 0) return a;
  const relError = (row: CheckRow): number => row.evidence[EVIDENCE.relError]!;
  const bIsWorse =
    VERDICTS.indexOf(b.verdict) > VERDICTS.indexOf(a.verdict) || (a.verdict === b.verdict && relError(b) > relError(a));
  return {
    ...(bIsWorse ? b : a),
    compared: a.compared + b.compared,
    ...(a.elements && b.elements && { elements: concatenated([a.elements, b.elements]) }),
  };
}

/** The check row of something that could not be checked: user code threw, or its thread has ended. */
export function undecided(reader: ReadablePass, task: Pick<CheckTask, "kind" | "row">, why: string): CheckRow {
  const isParameter = task.kind === "parameter";
  return {
    node: task.row,
    scope: task.kind,
    name: isParameter ? reader.label(task.row) : opNameOf(reader, task.row),
    label: reader.label(task.row),
    input: null,
    site: reader.site(task.row),
    verdict: "inconclusive",
    evidence: unknownEvidence(),
    worst: [],
    compared: 0,
    of: 0,
    reason: why,
  };
}
