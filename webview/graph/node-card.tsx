import type { Flow } from "../layout/arrangement.ts";
import { RankCells } from "../ranks/rank-strip.tsx";
import { MarkShape } from "../ui/marks.tsx";
import type { TextRuler } from "../ui/text-ruler.ts";
import type { CardMark, CardModel } from "./card-model.ts";
import type { PaneSize } from "./framing.ts";
import { CHART } from "./layouter.ts";
import type { Placed } from "./scene.ts";
import type { Detail } from "./view-box.ts";

export interface CardFonts {
  readonly sans: string;
  readonly mono: string;
  /** Measures text in them. */
  readonly ruler: TextRuler;
}

interface CardProps {
  readonly model: CardModel;
  readonly placed: Placed;
  readonly detail: Detail;
  readonly selected: boolean;
  readonly hit: boolean;
  /** A term of a formula that is pointed at stands for it. */
  readonly lit: boolean;
  readonly color: string;
  readonly fonts: CardFonts;
  readonly flow: Flow;
}

/** A node, or a closed group. */
export function NodeCard({ model, placed, detail, selected, hit, lit, color, fonts, flow }: CardProps) {
  const { x, y, width } = placed;
  const isGroup = model.kind === "group";
  const height = isGroup ? placed.height - 4 : placed.height;
  const quiet = model.bar === null && model.state !== "done" && model.state !== "partial" && !model.current;
  const classes = [
    "card",
    model.kind,
    quiet && "quiet",
    model.current && "current",
    selected && "selected",
    hit && "hit",
    model.changed && "changed",
    lit && "lit",
  ];
  return (
    <g
      id={domId(model.item)}
      class={classes.filter(Boolean).join(" ")}
      style={{ transform: `translate(${String(x)}px, ${String(y)}px)` }}
      role="treeitem"
      aria-selected={selected}
      {...(model.current ? { "aria-current": "step" as const } : {})}
      {...(isGroup ? { "aria-expanded": false } : {})}
    >
      {/* Its accessible name, and the tooltip. */}
      <title>{model.spoken}</title>
      {selected && !model.current && (
        <rect class="halo" x={-4} y={-4} width={width + 8} height={placed.height + 8} rx={6} />
      )}
      {isGroup && (
        <path class="second" d={`M4.5 ${String(height)}v2.5a1 1 0 0 0 1 1h${String(width - 11)}a1 1 0 0 0 1 -1v-2.5`} />
      )}
      <rect class="body" width={width} height={height} rx={model.kind === "leaf" ? 8 : 4} />
      {model.bar && <Bar width={width} height={height} radius={model.kind === "leaf" ? 8 : 4} bar={model.bar} />}
      {model.chart.length > 0 && <Chart bars={model.chart} width={width} height={height} />}
      <g aria-hidden="true">
        {detail === "full" ? (
          <FullText model={model} width={width} color={color} fonts={fonts} />
        ) : (
          <ShortText
            model={model}
            width={width}
            size={SHORT_TEXT[detail === "medium" ? "medium" : "large"]}
            fonts={fonts}
          />
        )}
      </g>
      {model.ranks.length > 0 && <RankCells cells={model.ranks} width={width} above={detail !== "full"} />}
      {model.current && <path class="arrow-now" d={arrowAt(flow, width, height)} />}
    </g>
  );
}

/** The debugger's yellow arrow, on the side of a card that edges do not come to. */
function arrowAt(flow: Flow, width: number, height: number): string {
  return flow === "down"
    ? `M-25 ${String(height / 2 - 4)}h7l5.5 4-5.5 4h-7z`
    : `M${String(width / 2 - 4)} -21v7l4 5.5 4-5.5v-7z`;
}

export function domId(item: number): string {
  return item < 0 ? `group-${String(-1 - item)}` : `node-${String(item)}`;
}

/** The bar along the foot: its length and its colour both say the same number. */
function Bar(props: {
  readonly width: number;
  readonly height: number;
  readonly radius: number;
  readonly bar: NonNullable<CardModel["bar"]>;
}) {
  const { width, height, radius, bar } = props;
  // Along the card's own lower corners, so that it needs no clip path.
  const inset = radius === 8 ? 3 : 1;
  const length = (width - 2 * inset) * Math.max(0.02, bar.position);
  return (
    <>
      <rect class="track" x={inset} y={height - 5} width={width - 2 * inset} height={4} rx={1} />
      <rect x={inset} y={height - 5} width={length} height={4} rx={1} fill={`var(--g${String(bar.stop)})`} />
    </>
  );
}

/** A bar for each instance of a repetition, in their order; one whose number is not there yet is a line. */
function Chart(props: { readonly bars: CardModel["chart"]; readonly width: number; readonly height: number }) {
  const { bars, width, height } = props;
  const { left, pitch } = chartColumns(bars.length, width);
  const foot = height - 9;
  return (
    <g class="chart" aria-hidden="true">
      {bars.map((bar, i) => {
        const tall = bar ? 3 + bar.position * (CHART - 8) : 1;
        return (
          <rect
            key={i}
            x={left + i * pitch}
            y={foot - tall}
            width={Math.max(0.6, pitch - (pitch > 3 ? 1 : 0))}
            height={tall}
            fill={bar ? `var(--g${String(bar.stop)})` : "var(--map-wait)"}
          />
        );
      })}
    </g>
  );
}

const CHART_PAD = 8;

function chartColumns(count: number, width: number): { readonly left: number; readonly pitch: number } {
  return { left: CHART_PAD, pitch: (width - 2 * CHART_PAD) / Math.max(1, count) };
}

/** The instance whose bar is at a place of a card; null beside the chart. */
export function instanceAt(count: number, x: number, y: number, size: PaneSize): number | null {
  const { left, pitch } = chartColumns(count, size.width);
  const foot = size.height - 4 - 9;
  if (count === 0 || y < foot - CHART || y > foot + 2 || x < left || x >= left + count * pitch) return null;
  return Math.floor((x - left) / pitch);
}

function FullText(props: {
  readonly model: CardModel;
  readonly width: number;
  readonly color: string;
  readonly fonts: CardFonts;
}) {
  const { model, width, color, fonts } = props;
  const { ruler } = fonts;
  const isLeaf = model.kind === "leaf";
  const pad = isLeaf ? 10 : 8;
  const top = isLeaf ? 15 : 16;
  const number = `11px ${fonts.mono}`;
  const marksWidth = model.marks.reduce((sum, mark) => sum + markWidth(mark, fonts), 0);
  let left = pad;
  if (model.group) left = 34;
  const room = width - pad - left - marksWidth - 2;
  const nameFont = isLeaf ? `12px ${fonts.mono}` : `600 12px ${fonts.sans}`;
  const detailFont = model.group ? `12px ${fonts.sans}` : `12px ${fonts.mono}`;
  const name = ruler.fit(model.name, nameFont, room);
  const nameEnd = left + ruler.width(name, nameFont) + 6;
  const detail = model.detail === "" ? "" : ruler.fit(model.detail, detailFont, width - pad - marksWidth - nameEnd - 2);
  const right = ruler.fit(model.right, number, width - 2 * pad - 24);
  const shape = ruler.fit(model.shape, number, width - 2 * pad - ruler.width(right, number) - 8);
  return (
    <>
      {model.group && (
        <>
          <path class="chevron" d="M10 9.5l3.5 3.5-3.5 3.5" />
          <rect x={20} y={9} width={8} height={8} rx={2} fill={color} />
          <rect class="toggle" width={24} height={24} />
        </>
      )}
      <text class="name" x={left} y={top + 1}>
        {name}
      </text>
      {detail !== "" && (
        <text class="detail" x={nameEnd} y={top + 1}>
          {detail}
        </text>
      )}
      <Marks marks={model.marks} right={width - pad} top={top - 10} fonts={fonts} />
      <text class="number" x={pad} y={top + 18}>
        {shape}
      </text>
      <text class="number" x={width - pad} y={top + 18} text-anchor="end">
        {right}
      </text>
    </>
  );
}

/** Font sizes of a card that is read from afar: on the screen never less than nine pixels. */
export const SHORT_TEXT = { large: 18.75, medium: 14.5 } as const;

/** Baselines of the two lines, at which the largest of them touch neither each other nor the bar below. */
const NAME_LINE = 14.75;
const NUMBER_LINE = 35.5;

/** Op, label and number, in two lines. */
function ShortText(props: {
  readonly model: CardModel;
  readonly width: number;
  readonly size: number;
  readonly fonts: CardFonts;
}) {
  const { model, width, size, fonts } = props;
  const { ruler } = fonts;
  const nameFont = `600 ${String(size)}px ${fonts.sans}`;
  const detailFont = model.group ? `${String(size)}px ${fonts.sans}` : `${String(size)}px ${fonts.mono}`;
  const numberFont = `${String(size)}px ${fonts.mono}`;
  const worst = model.marks.find((mark) => mark.kind === "fail" || mark.kind === "nan");
  const room = width - (worst ? 40 : 14);
  const isLeaf = model.kind === "leaf";
  const name = ruler.fit(model.name, isLeaf ? numberFont : nameFont, room);
  const nameEnd = 7 + ruler.width(name, isLeaf ? numberFont : nameFont) + 6;
  const detail = model.detail === "" ? "" : ruler.fit(model.detail, detailFont, room + 7 - nameEnd);
  const number = ruler.fit(model.right, numberFont, width - 14);
  return (
    <>
      <text class="name" x={7} y={NAME_LINE} style={{ font: isLeaf ? numberFont : nameFont }}>
        {name}
      </text>
      {detail !== "" && (
        <text class="detail" x={nameEnd} y={NAME_LINE} style={{ font: detailFont }}>
          {detail}
        </text>
      )}
      <text
        class="number"
        x={width - 7}
        y={isLeaf ? NUMBER_LINE - 0.5 : NUMBER_LINE}
        text-anchor="end"
        style={{ font: numberFont }}
      >
        {number}
      </text>
      {worst && (
        <g class={`mark mark-group ${worst.kind}`} transform={`translate(${String(width - 28)} 0) scale(1.4)`}>
          <MarkShape kind={worst.kind} />
        </g>
      )}
    </>
  );
}

function markWidth(mark: CardMark, { mono, ruler }: CardFonts): number {
  return 18 + (mark.text === "" ? 0 : ruler.width(mark.text, `11px ${mono}`) + 3);
}

function Marks(props: {
  readonly marks: readonly CardMark[];
  readonly right: number;
  readonly top: number;
  readonly fonts: CardFonts;
}) {
  let x = props.right;
  const placed = [...props.marks].reverse().map((mark) => {
    x -= markWidth(mark, props.fonts);
    return { mark, x: x + 4 };
  });
  return (
    <g class="marks">
      {placed.map(({ mark, x: left }, i) => (
        <g key={i} class={`mark-group ${mark.kind}`} transform={`translate(${String(left)} ${String(props.top)})`}>
          <g class="mark">
            <MarkShape kind={mark.kind} />
          </g>
          {mark.text !== "" && (
            <text x={17} y={11}>
              {mark.text}
            </text>
          )}
        </g>
      ))}
    </g>
  );
}
