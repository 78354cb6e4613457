import { t } from "../../engine/language/translate.ts";
import type { Group } from "./group.ts";
import { domId, type CardFonts } from "./node-card.tsx";
import type { Placed } from "./scene.ts";

/** Width of `‹ t = 7 ›` at the right of a repetition's header. */
export const STEPPER_WIDTH = 112;

interface FrameProps {
  readonly group: Group;
  readonly placed: Placed;
  readonly selected: boolean;
  readonly current: boolean;
  /** Which instance of a repetition is shown. */
  readonly instance: number;
}

interface HeaderProps {
  readonly group: Group;
  readonly placed: Placed;
  readonly color: string;
  readonly fonts: CardFonts;
  /** Size of the text: larger from afar. */
  readonly size: number;
  readonly instance: number;
}

/** An open group: a frame with the header its card had. */
export function GroupFrame({ group, placed, selected, current, instance }: FrameProps) {
  const { x, y, width, height } = placed;
  const isRepetition = group.instances.length > 0;
  return (
    <g
      id={domId(placed.item)}
      class={`frame${selected ? " selected" : ""}`}
      style={{ transform: `translate(${String(x)}px, ${String(y)}px)` }}
      role="treeitem"
      aria-expanded
      aria-selected={selected}
      {...(current ? { "aria-current": "step" as const } : {})}
    >
      <title>
        {t`${group.title} ${group.subtitle}, ${String(group.children.length)} inside`}
        {isRepetition && t`, showing ${String(instance)}`}
      </title>
      {selected && <rect class="halo" x={-4} y={-4} width={width + 8} height={height + 8} rx={8} />}
      {isRepetition && <rect class="body" x={4} y={4} width={width} height={height} rx={6} />}
      <rect class="body" width={width} height={height} rx={6} />
    </g>
  );
}

/** The header of an open group, drawn over the edges: nothing crosses its text. */
export function FrameHeader({ group, placed, color, fonts, size, instance }: HeaderProps) {
  const { x, y, width } = placed;
  const { ruler } = fonts;
  const isRepetition = group.instances.length > 0;
  const room = width - 42 - (isRepetition ? STEPPER_WIDTH + 8 : 0);
  const nameFont = `600 ${String(size)}px ${fonts.sans}`;
  const name = ruler.fit(group.title, nameFont, room);
  const nameEnd = 32 + ruler.width(name, nameFont) + 6;
  const detailFont = `${String(size)}px ${fonts.sans}`;
  const subtitle = ruler.fit(group.subtitle, detailFont, room - nameEnd + 32);
  const end = subtitle === "" ? nameEnd - 3 : nameEnd + ruler.width(subtitle, detailFont) + 3;
  return (
    <g class="frame" style={{ transform: `translate(${String(x)}px, ${String(y)}px)` }} aria-hidden="true">
      <rect x={2} y={2} width={end} height={20} rx={4} fill="var(--frame)" />
      <path class="chevron" d="M7 9.500l3.500 3.500 3.500-3.500" />
      <rect x={20} y={8} width={8} height={8} rx={2} fill={color} />
      <text class="name" x={32} y={12 + size * 0.37} style={{ font: nameFont }}>
        {name}
      </text>
      <text class="detail" x={nameEnd} y={12 + size * 0.37} style={{ font: detailFont }}>
        {subtitle}
      </text>
      <rect class="toggle" width={24} height={24} />
      {isRepetition && <Stepper right={width - 8} instance={instance} size={size - 1} />}
    </g>
  );
}

/** Steps through the instances of a folded repetition; clicks are found by place, as for all of the drawing. */
function Stepper(props: { readonly right: number; readonly instance: number; readonly size: number }) {
  const { right, instance, size } = props;
  const left = right - STEPPER_WIDTH;
  return (
    <g class="instance-stepper" transform={`translate(${String(left)} 3)`}>
      <rect
        class="track-outline"
        width={STEPPER_WIDTH}
        height={18}
        rx={3}
        fill="var(--frame)"
        stroke="var(--card-line)"
      />
      <path class="chevron" d="M11 5.500L7.500 9l3.500 3.500" />
      <text
        class="number"
        x={STEPPER_WIDTH / 2}
        y={9 + size * 0.37}
        text-anchor="middle"
        style={{ fontSize: `${String(size)}px` }}
      >
        {`t = ${String(instance)}`}
      </text>
      <path class="chevron" d={`M${String(STEPPER_WIDTH - 11)} 5.500l3.500 3.500-3.500 3.500`} />
    </g>
  );
}
