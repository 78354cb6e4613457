import { withGradMode } from "../context/grad-mode.ts";
import { apply } from "../ops/apply.ts";
import { output } from "../ops/output-of.ts";
import type { NodeTimes } from "../protocol/graph.ts";
import { adopt } from "../core/adopt.ts";
import type { ScratchArena } from "../memory/arena.ts";
import { vectorJacobianProduct } from "../ops/vector-jacobian-product.ts";
import type { ReadablePass } from "./readable-pass.ts";
import { TapeApplication } from "./rule-replay.ts";
import { slices } from "./slices.ts";

/** Runs of each op of which the median counts, after one that warms caches. */
const RUNS = 3;

/**
 * How long each op and its vector-Jacobian product take, by running them again on what was recorded: measuring while
 * the model runs would slow every step that nobody looks at. Results go to this thread's arena, and are dropped.
 */
export async function opTimes(reader: ReadablePass, arena: ScratchArena): Promise<NodeTimes> {
  const times: NodeTimes = {
    pass: reader.id,
    forward: new Float64Array(reader.rows).fill(Number.NaN),
    backward: new Float64Array(reader.rows).fill(Number.NaN),
  };
  const breathe = slices();
  for (const row of reader.schedule.forwardOrder) {
    await breathe();
    const op = reader.op(row);
    if (op === undefined || op === output) continue;
    const rows = reader.inputs(row);
    const inputs = rows.map((input) => adopt(reader.value(input)));
    const attributes = reader.attributes(row);
    times.forward[row] = median(arena, () => apply(op, inputs, attributes));

    const gradient = reader.gradient(row);
    if (gradient === null || !reader.ranBackward(row)) continue;
    const g = adopt(gradient);
    const at = new TapeApplication(reader, row);
    times.backward[row] = median(arena, () => {
      rows.forEach((input, i) => {
        if (reader.requiresGrad(input)) vectorJacobianProduct(op, at, i, g);
      });
    });
  }
  return times;
}

function median(arena: ScratchArena, run: () => void): number {
  const times: number[] = [];
  for (let i = 0; i <= RUNS; i++) {
    const mark = arena.mark();
    const started = performance.now();
    withGradMode(false, run);
    if (i > 0) times.push(performance.now() - started);
    arena.rewind(mark);
  }
  return times.sort((a, b) => a - b)[RUNS >> 1]!;
}
