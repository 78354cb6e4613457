import type { NodeId } from "../../protocol/ids.ts";
import type { Edit, WhatIf, WhatIfElements } from "../../protocol/what-if.ts";
import { readElements } from "../../core/elements.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { JobContext } from "../../threads/pool-job.ts";
import { startReplay, type ReplayPayload } from "./start-replay.ts";
import { moved } from "../difference/directions.ts";

export interface WhatIfPayload extends ReplayPayload {
  readonly edits: readonly Edit[];
}

/** Rows that have been run, of those that have to be: each forward and backward. */
export interface WhatIfProgress {
  readonly done: number;
  readonly total: number;
}

/** Rows between two looks at the clock, and at whether anybody waits any longer. */
const ROWS_PER_LOOK = 512;
const REPORT_MILLISECONDS = 250;

/** Nobody waits for the answer any more. */
class Cancelled extends Error {}

/** Tensors up to this many elements are answered whole. */
const MOST_ELEMENTS = 64;

/**
 * Runs a pass again with some elements changed. Fails with what user code throws when a custom Function does.
 * @returns null when it was cancelled
 */
export async function whatIfJob(payload: unknown, context: JobContext): Promise<WhatIf | null> {
  const { edits, functions, ...rest } = payload as WhatIfPayload;
  const apply = (plane: Edit["plane"], row: number, tensor: Tensor): Tensor =>
    edits
      .filter((edit) => edit.plane === plane && edit.node === row)
      .reduce((edited, { element, value }) => moved(edited, element, value), tensor);
  let done = 0;
  let reported = performance.now();
  const step = (): void => {
    if (++done % ROWS_PER_LOOK !== 0) return;
    if (context.cancelled()) throw new Cancelled();
    if (performance.now() - reported < REPORT_MILLISECONDS) return;
    reported = performance.now();
    const total = Math.max(done, 3 * replay.reader.rows);
    context.progress({ done, total } satisfies WhatIfProgress);
  };
  const replay = startReplay({ ...rest, functions }, context, {
    value: (row, value) => {
      step();
      return apply("value", row, value);
    },
    gradient: (row, gradient) => {
      step();
      return apply("gradient", row, gradient);
    },
  });
  try {
    const gradients = await replay.backward();
    const { reader } = replay;
    const { rows, roots, loss } = reader;
    const answer = {
      loss: new Float64Array(2).fill(Number.NaN),
      valueNorm: new Float64Array(rows).fill(Number.NaN),
      gradNorm: new Float64Array(rows).fill(Number.NaN),
      elements: [] as WhatIfElements[],
    };
    const [root] = roots;
    if (root !== undefined && loss !== null) {
      answer.loss.set([loss, readElements(replay.value(root))[0]!]);
    }
    for (let row = 0; row < rows; row++) {
      step();
      const value = replay.value(row);
      const gradient = gradients[row] ?? null;
      answer.valueNorm[row] = context.kernels.statistics(value).norm;
      if (gradient) answer.gradNorm[row] = context.kernels.statistics(gradient).norm;
      if (value.numel() > MOST_ELEMENTS) continue;
      answer.elements.push({
        node: row as NodeId,
        value: readElements(value),
        gradient: gradient && readElements(gradient),
      });
    }
    return answer;
  } catch (error) {
    if (error instanceof Cancelled) return null;
    throw error;
  } finally {
    functions.close();
  }
}
