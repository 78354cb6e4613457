import type { ScalarGraph } from "../../engine/protocol/scalars.ts";
import * as derived from "../state/derived.ts";
import type { Flow } from "../layout/arrangement.ts";
import { circleOf, rowOf, type PlacedTensor } from "./scalar-layout.ts";

/** More lines than this are drawn faint, except those of the next step. */
const CROWDED = 160;

/** What depends on what: back along a line once the gradient has come by it, else forward. */
export function ScalarLines(props: {
  readonly shown: ScalarGraph;
  readonly flow: Flow;
  readonly placed: ReadonlyMap<number, PlacedTensor>;
  readonly at: number | null;
  readonly done: number;
  readonly width: number;
  readonly height: number;
}) {
  const { shown, flow, placed, at, done, width, height } = props;
  const { schedule } = derived;
  const total = shown.flows.reduce((sum, { from }) => sum + from.length, 0);
  const position = derived.position.value;
  const ran = (consumer: number): boolean => {
    const order = schedule.value;
    const step = order?.stepOf(consumer) ?? -1;
    return step >= 0 && order !== null && position - order.forwardSteps > step;
  };
  const paths = { done: "", waits: "", next: "", none: "" };
  for (const one of shown.flows) {
    const from = placed.get(one.input);
    const to = placed.get(one.consumer);
    if (!from || !to) continue;
    const passes = from.tensor.requiresGrad;
    one.from.forEach((i, k) => {
      const target = one.to[k] ?? 0;
      const [line, back] = flow === "right" ? lineRight(from, i, to, target) : lineDown(from, i, to, target);
      const kind =
        passes && one.consumer === at && target === done
          ? "next"
          : !passes
            ? "none"
            : ran(one.consumer) || (one.consumer === at && target < done)
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

/** A line from an element to one that depends on it, and its head for the gradient that has come back along it. */
type Line = readonly [line: string, back: string];

function lineRight(from: PlacedTensor, i: number, to: PlacedTensor, target: number): Line {
  const [x0, y0] = [from.x + from.form.width, rowOf(from, i)];
  const [x1, y1] = [circleOf(to) - to.form.circle / 2, rowOf(to, target)];
  const bend = Math.max(16, Math.min(40, (x1 - x0) / 2));
  return [
    `M${String(x0)} ${String(y0)}C${String(x0 + bend)} ${String(y0)} ${String(x1 - bend)} ${String(y1)} ${String(x1)} ${String(y1)}`,
    `M${String(x0 + 7)} ${String(y0 - 4)}L${String(x0)} ${String(y0)}L${String(x0 + 7)} ${String(y0 + 4)}`,
  ];
}

/** From a card's lower edge to the upper end of the other's circle. */
function lineDown(from: PlacedTensor, i: number, to: PlacedTensor, target: number): Line {
  const [x0, y0] = [from.x + from.form.width / 2, from.y + i * from.form.pitch + from.form.height];
  const [x1, y1] = [circleOf(to), rowOf(to, target) - to.form.circle / 2];
  const bend = Math.max(14, Math.min(40, (y1 - y0) / 2));
  return [
    `M${String(x0)} ${String(y0)}C${String(x0)} ${String(y0 + bend)} ${String(x1)} ${String(y1 - bend)} ${String(x1)} ${String(y1)}`,
    `M${String(x0 - 4)} ${String(y0 + 7)}L${String(x0)} ${String(y0)}L${String(x0 + 4)} ${String(y0 + 7)}`,
  ];
}
