import { useMemo } from "preact/hooks";
import { t } from "../../engine/language/translate.ts";
import { labelOf } from "../../engine/recording/graph-rows.ts";
import { goTo } from "../state/selecting.ts";
import * as derived from "../state/derived.ts";
import { graph, statistics } from "../state/resources.ts";
import { decadesOf, logPosition, stopAt, type LogRange } from "../ui/color-scale.ts";
import { formatNumber, formatShape } from "../ui/format.ts";
import { Mark } from "../ui/marks.tsx";
import { nodeState, type NodeState } from "./progress.ts";

/** More rows than this are not drawn; the search finds the others. */
const MOST_ROWS = 200;

/** Every parameter with its gradient as it arrives. */
export function ParameterList() {
  const pass = graph.value;
  const order = derived.schedule.value;
  const list = derived.parameters.value;
  const norms = statistics.value?.gradNorm;
  const range = useMemo(() => decadesOf(norms ? Array.from(norms) : []), [norms]);
  if (!pass || !order || list.length === 0) return null;
  const position = derived.position.value;
  let arrived = 0;
  for (const node of list) if (nodeState(order, node, position) === "done") arrived++;
  const chosen = derived.inspectedNode.value;
  const rows = list.slice(0, MOST_ROWS);
  return (
    <div class="parameters">
      <div class="title">
        <span id="parameters-title">{t("Parameters")}</span>
        <span class="mono dim">{t`${arrived} of ${list.length}`}</span>
      </div>
      <ul aria-labelledby="parameters-title">
        {rows.map((node) => (
          <Row
            key={node}
            node={node}
            state={nodeState(order, node, position)}
            isChosen={chosen === node}
            range={range}
          />
        ))}
        {list.length > MOST_ROWS && <li class="dim">{t`${list.length - MOST_ROWS} more: search by name`}</li>}
      </ul>
    </div>
  );
}

interface RowProps {
  readonly node: number;
  readonly state: NodeState;
  readonly isChosen: boolean;
  readonly range: LogRange;
}

/** Drawn again where something of it changes: a step changes few of the parameters. */
function Row({ node, state, isChosen, range }: RowProps) {
  const pass = graph.value;
  const norm = statistics.value?.gradNorm[node] ?? NaN;
  if (!pass) return null;
  const label = labelOf(pass, node);
  const done = state === "done";
  const place = logPosition(norm, range);
  const shape = (): string => formatShape(pass.shapes.subarray(pass.shapeStart[node], pass.shapeStart[node + 1]));
  return (
    <li>
      <button
        type="button"
        class={done ? "" : "waiting"}
        aria-current={isChosen ? "true" : undefined}
        title={label}
        onClick={() => goTo(node)}
      >
        <span class="label">
          <bdi>{label}</bdi>
        </span>
        <span class={done ? "mono" : "mono dim"}>
          {done ? formatNumber(norm) : state === "none" ? t("no gradient") : shape()}
        </span>
        {state === "none" ? (
          <Mark kind="none" />
        ) : (
          <i class="bar">
            {done && (
              <i
                style={{
                  width: `${String(Math.max(2, place * 100))}%`,
                  background: `var(--g${String(stopAt(place))})`,
                }}
              />
            )}
          </i>
        )}
      </button>
    </li>
  );
}
