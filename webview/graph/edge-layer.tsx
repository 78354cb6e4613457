import type { NodeStatistics, PassGraph } from "../../engine/protocol/graph.ts";
import type { Flow } from "../layout/arrangement.ts";
import { edgeLabels } from "./edge-labels.ts";
import type { ElkPoint } from "./layouter.ts";
import type { Schedule } from "../../engine/recording/schedule.ts";
import { edgeState, type EdgeState } from "./progress.ts";
import type { DrawnEdge } from "./scene.ts";
import type { Detail } from "./view-box.ts";

interface EdgeLayerProps {
  readonly edges: readonly DrawnEdge[];
  readonly graph: PassGraph;
  readonly schedule: Schedule;
  readonly statistics: NodeStatistics | null;
  readonly position: number;
  readonly detail: Detail;
  readonly lit: readonly number[];
  readonly flow: Flow;
}

/** Wide enough to be seen where a whole graph is on the screen. */
const LIT_BLOCKS_WIDTH = 12;

const STATES: readonly EdgeState[] = ["none", "waits", "partial", "done", "taken"];

/** All edges in view. Where cards are blocks of colour, edges of one state are one path. */
export function EdgeLayer(props: EdgeLayerProps) {
  return props.detail === "blocks" ? <EdgeBundle {...props} /> : <SeparateEdges {...props} />;
}

function EdgeBundle({ edges, graph, schedule, position, lit }: EdgeLayerProps) {
  const paths = new Map<EdgeState, string[]>();
  const litPaths: string[] = [];
  for (const edge of edges) {
    const state = edgeState(graph, schedule, edge.tapeEdges, position);
    const d = pathOf(edge.points);
    const known = paths.get(state);
    if (known) known.push(d);
    else paths.set(state, [d]);
    if (isLit(edge, lit)) litPaths.push(d);
  }
  return (
    <g class="edges">
      {STATES.map((state) => (
        <g key={state} class={state}>
          <path class="line" d={paths.get(state)?.join("") ?? ""} stroke-width={state === "done" ? 3 : 2} />
        </g>
      ))}
      {litPaths.length > 0 && (
        <g class="lit">
          <path class="line" d={litPaths.join("")} stroke-width={LIT_BLOCKS_WIDTH} />
        </g>
      )}
    </g>
  );
}

function isLit(edge: DrawnEdge, lit: readonly number[]): boolean {
  return lit.some((one) => edge.tapeEdges.includes(one));
}

function SeparateEdges(props: EdgeLayerProps) {
  const { edges, graph, schedule, statistics, position, detail, lit, flow } = props;
  // Between cards side by side there is no room for a shape, and it stands on the card before.
  const labels = detail === "full" && flow === "down" ? edgeLabels(edges, graph) : [];
  return (
    <g class="edges">
      {edges.map((edge) => {
        const state = edgeState(graph, schedule, edge.tapeEdges, position);
        const backward = state === "done" || state === "taken" || state === "partial";
        const width = state === "taken" ? 1.5 : backward ? 1.25 + 2.25 * shareOf(edge, statistics) : 1.25;
        const light = isLit(edge, lit);
        return (
          <g key={edge.id} class={light ? `${state} lit` : state}>
            <path class="line" d={pathOf(shortened(edge, backward, width))} stroke-width={light ? width + 1 : width} />
            <Head edge={edge} backward={backward} width={width} />
          </g>
        );
      })}
      {/* Over all lines. */}
      {labels.map(({ edge, x, y, text }) => (
        <text key={edge} x={x} y={y}>
          {text}
        </text>
      ))}
    </g>
  );
}

function pathOf(points: readonly ElkPoint[]): string {
  return points.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${String(x)} ${String(y)}`).join("");
}

/** The largest share of its reader's outgoing gradient that one of the edge's tape edges carries. */
function shareOf(edge: DrawnEdge, statistics: NodeStatistics | null): number {
  let share = 0;
  for (const one of edge.tapeEdges) {
    const here = statistics?.edgeShare[one] ?? NaN;
    if (here > share) share = here;
  }
  return share;
}

const headLength = (width: number): number => 6 + width * 0.6;

/** The line ends where its arrow head begins. */
function shortened(edge: DrawnEdge, backward: boolean, width: number): ElkPoint[] {
  const points = [...edge.points];
  if (backward ? edge.continuesAtStart : edge.continuesAtEnd) return points;
  if (backward) points.reverse();
  const last = points.at(-1);
  const before = points.at(-2);
  if (last && before) {
    const length = Math.hypot(last.x - before.x, last.y - before.y);
    const cut = Math.min(length, headLength(width) - 1);
    if (length > 0) {
      points[points.length - 1] = {
        x: last.x - ((last.x - before.x) / length) * cut,
        y: last.y - ((last.y - before.y) / length) * cut,
      };
    }
  }
  return points;
}

function Head({
  edge,
  backward,
  width,
}: {
  readonly edge: DrawnEdge;
  readonly backward: boolean;
  readonly width: number;
}) {
  if (backward ? edge.continuesAtStart : edge.continuesAtEnd) return null;
  const points = edge.points;
  const tip = backward ? points[0] : points.at(-1);
  const from = backward ? points[1] : points.at(-2);
  if (!tip || !from) return null;
  const length = Math.hypot(tip.x - from.x, tip.y - from.y);
  if (length === 0) return null;
  const [ux, uy] = [(tip.x - from.x) / length, (tip.y - from.y) / length];
  const long = headLength(width);
  const half = backward ? 3.2 + width * 0.5 : 3.5;
  const [bx, by] = [tip.x - ux * long, tip.y - uy * long];
  const d = `M${String(tip.x)} ${String(tip.y)}L${String(bx - uy * half)} ${String(by + ux * half)}L${String(bx + uy * half)} ${String(by - ux * half)}z`;
  return <path class="head" d={d} />;
}
