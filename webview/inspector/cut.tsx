import { t } from "../../engine/language/translate.ts";
import type { Cut } from "../../engine/protocol/inspection.ts";
import { opOf } from "../../engine/recording/graph-rows.ts";
import { SiteLink } from "../screens/screens.tsx";
import { graph } from "../state/resources.ts";
import { Mark } from "../ui/marks.tsx";
import { NodeLink } from "../ui/node-link.tsx";

/** Why there is no gradient, or only zeros: what cut the path, and where. */
export function CutSection({
  cut,
  name,
  absent,
}: {
  readonly cut: Cut;
  readonly name: string;
  readonly absent: boolean;
}) {
  const pass = graph.value;
  const { node } = cut;
  return (
    <section>
      <h3>
        <Mark kind={absent ? "none" : "zero"} />
        {absent ? t("Why is there no gradient?") : t("Why is it zero?")}
      </h3>
      <p class="text-wrap">{cut.text}</p>
      {node !== null && pass && (
        <svg
          class="cut-path"
          width="100%"
          height="36"
          role="img"
          aria-label={t`The path from the loss ends at ${opOf(pass, node)}`}
        >
          <path d="M300 18H268M196 18H176" stroke="var(--edge)" stroke-width="2.4" />
          <path d="M168 18l8-4.500v9zM260 18l8-4.500v9z" fill="var(--edge)" />
          <path d="M88 18H60" stroke="var(--edge-wait)" stroke-dasharray="3 3" />
          <Box x={0} width={60} text={name} dashed />
          <Box x={88} width={80} text={opOf(pass, node)} alarm />
          <Box x={196} width={64} text="…" />
          <Box x={252} width={52} text={t("loss")} />
        </svg>
      )}
      <p>
        {cut.site && <SiteLink site={cut.site} />} {node !== null && <NodeLink node={node} text={t("Show the node")} />}
      </p>
    </section>
  );
}

function Box(props: {
  readonly x: number;
  readonly width: number;
  readonly text: string;
  readonly dashed?: boolean;
  readonly alarm?: boolean;
}) {
  const { x, width, text, dashed, alarm } = props;
  const letters = [...text];
  const most = Math.floor(width / 7);
  return (
    <>
      <rect
        x={x + 0.5}
        y={4.5}
        width={width - 1}
        height={27}
        rx={dashed ? 8 : 4}
        fill="var(--card)"
        stroke={alarm ? "var(--vscode-errorForeground)" : "var(--card-line)"}
        stroke-dasharray={dashed ? "3 3" : "none"}
      />
      <text x={x + width / 2} y={22} text-anchor="middle">
        {letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : text}
      </text>
    </>
  );
}
