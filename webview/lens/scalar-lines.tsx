import type { ScalarGraph } from "../../engine/protocol/scalars.ts";
import * as derived from "../state/derived.ts";
import { circleOf, rowOf, type PlacedTensor } from "./scalar-layout.ts";

/** More lines than this are drawn faint, except those of the next step. */
const CROWDED = 160;

/** What depends on what: back along a line once the gradient has come by it, else forward. */
export function ScalarLines(props: {
  readonly shown: ScalarGraph;
  readonly placed: ReadonlyMap<number, PlacedTensor>;
  readonly at: number | null;
  readonly done: number;
  readonly width: number;
  readonly height: number;
}) {
  const { shown, placed, at, done, width, height } = props;
  const { schedule } = derived;
  const total = shown.flows.reduce((sum, flow) => sum + flow.from.length, 0);
  const position = derived.position.value;
  const ran = (consumer: number): boolean => {
    const order = schedule.value;
    const step = order?.stepOf(consumer) ?? -1;
    return step >= 0 && order !== null && position - order.forwardSteps > step;
  };
  const paths = { done: "", waits: "", next: "", none: "" };
  for (const flow of shown.flows) {
    const from = placed.get(flow.input);
    const to = placed.get(flow.consumer);
    if (!from || !to) continue;
    const passes = from.tensor.requiresGrad;
    flow.from.forEach((i, k) => {
      const target = flow.to[k] ?? 0;
      const [x0, y0] = [from.x + from.form.width, rowOf(from, i)];
      const [x1, y1] = [circleOf(to) - to.form.circle / 2, rowOf(to, target)];
      const bend = Math.max(16, Math.min(40, (x1 - x0) / 2));
      const line = `M${String(x0)} ${String(y0)}C${String(x0 + bend)} ${String(y0)} ${String(x1 - bend)} ${String(y1)} ${String(x1)} ${String(y1)}`;
      // Back along it, once the gradient has come; else forward.
      const back = `M${String(x0 + 7)} ${String(y0 - 4)}L${String(x0)} ${String(y0)}L${String(x0 + 7)} ${String(y0 + 4)}`;
      const kind =
        passes && flow.consumer === at && target === done
          ? "next"
          : !passes
            ? "none"
            : ran(flow.consumer) || (flow.consumer === at && target < done)
              ? "done"
              : "waits";
      paths[kind] += kind === "done" || kind === "next" ? line + back : line;
    });
  }
  // From an op's circle to its own card.
  for (const [node, one] of placed) {
    if (!one.tensor.isOp || one.form.circleAt === 0) continue;
    for (let i = 0; i < one.tensor.data.length; i++) {
      const line = `M${String(circleOf(one) + one.form.circle / 2)} ${String(rowOf(one, i))}H${String(one.x)}`;
      paths[node === at && i === done ? "next" : ran(node) || (node === at && i < done) ? "done" : "waits"] += line;
    }
  }
  return (
    <svg class={`lines${total > CROWDED ? " crowded" : ""}`} width={width} height={height} aria-hidden="true">
      <path class="none" d={paths.none} />
      <path class="waits" d={paths.waits} />
      <path class="done" d={paths.done} />
      <path class="next" d={paths.next} />
    </svg>
  );
}
