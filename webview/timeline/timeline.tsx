import "./timeline.css";
import { useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import { Fragment } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../engine/language/translate.ts";
import { NodeFlag, type PassGraph } from "../../engine/protocol/graph.ts";
import type { Hierarchy } from "../graph/group.ts";
import { moduleColors } from "../graph/module-color.ts";
import { moveCursor } from "../state/cursor-moves.ts";
import { positionText, termText } from "../../engine/recording/cursor-text.ts";
import { inputsOf, nodeTitle, opOf } from "../../engine/recording/graph-rows.ts";
import { announce } from "../state/partners.ts";
import * as derived from "../state/derived.ts";
import { cursor, graph, statistics } from "../state/resources.ts";
import { fonts, speed } from "../state/ui.ts";
import { Mark, MarkShape } from "../ui/marks.tsx";
import type { MarkKind } from "../graph/card-model.ts";
import { labelsOf, positionAt, segmentsOf, stepName, type Segment } from "./strip.ts";

/** The steps of the pass as a strip: forward outlined, backward filled to the gradient's norm; the cursor; marks. */
export function Timeline() {
  const strip = useRef<SVGSVGElement>(null);
  const width = useSignal(0);
  useEffect(() => {
    if (!strip.current) return;
    const observer = new ResizeObserver(([entry]) => (width.value = entry?.contentRect.width ?? 0));
    observer.observe(strip.current);
    return () => observer.disconnect();
  }, []);
  const segments = useComputed(() => {
    const pass = graph.value;
    const order = derived.schedule.value;
    return pass && order && width.value > 0 ? segmentsOf(pass, order, width.value) : [];
  });
  const marks = useComputed(() => marksOf(segments.value));
  const stops = useComputed(() => {
    const own = marks.value.filter((mark) => mark.kind !== "after");
    return own.length > 0 ? own : marks.value;
  });
  const pointed = useSignal<Segment | null>(null);
  const pass = graph.value;
  const order = derived.schedule.value;
  const at = cursor.value;
  if (!pass || !order) return <footer class="timeline" />;
  const { forwardSteps, backwardSteps } = order;
  const total = forwardSteps + backwardSteps;
  const position = at?.position ?? 0;
  const where = positionText({ position, forwardSteps, backwardSteps });
  const drag = (event: PointerEvent): void => {
    const bounds = (event.currentTarget as Element).getBoundingClientRect();
    const to = positionAt(segments.value, event.clientX - bounds.left);
    pointed.value = segments.value.find((one) => to >= one.from && to < one.to) ?? null;
    if (event.buttons !== 0 && to !== cursor.peek()?.position) moveCursor({ position: to });
  };
  return (
    <footer class="timeline">
      <div class="header">
        <span>{where}</span>
        <span class="dim">{upNext(position)}</span>
        <span class="spacer" />
        {stops.value.length > 0 && (
          <button
            type="button"
            class="marks-count"
            onClick={() => toMark(stops.value, position, 1)}
            title={t("To the next mark (M)")}
          >
            <Mark kind={stops.value.some((mark) => mark.kind === "nan" || mark.kind === "fail") ? "nan" : "zero"} />
            {stops.value.length === 1 ? t("1 mark") : t`${String(stops.value.length)} marks`}
          </button>
        )}
        <select
          aria-label={t("Speed of playing")}
          value={String(speed.value)}
          onChange={(e) => (speed.value = Number(e.currentTarget.value))}
        >
          {[0.5, 1, 2, 5, 10].map((factor) => (
            <option key={factor} value={String(factor)}>
              {factor}×
            </option>
          ))}
        </select>
      </div>
      <svg
        ref={strip}
        class="strip"
        tabindex={0}
        role="slider"
        aria-label={t("Step of the pass")}
        aria-valuemin={0}
        aria-valuemax={at?.head ?? total}
        aria-valuenow={position}
        aria-valuetext={`${where}, ${upNext(position)}`}
        onPointerDown={(event) => {
          (event.currentTarget as Element).setPointerCapture(event.pointerId);
          drag(event);
        }}
        onPointerMove={drag}
        onKeyDown={(event) => onKey(event, total, stops.value)}
      >
        <Sides segments={segments.value} />
        <g transform="translate(0 12)">
          <TitleOf step={pointed} />
          <Boxes segments={segments.value} reached={reachedOf(segments.value, position)} head={at?.head ?? total} />
          <Needle segments={segments.value} position={position} />
          <Labels segments={segments.value} />
        </g>
        {marks.value.map((mark) => (
          <g
            key={`${String(mark.position)}${mark.kind}`}
            class={`mark mark-group ${mark.kind}`}
            transform={`translate(${String(mark.x - 7)} 22)`}
          >
            <title>{mark.means}</title>
            <MarkShape kind={mark.kind} />
          </g>
        ))}
      </svg>
    </footer>
  );
}

/** "mul → h1, term 2 of 2": the part of the op's product that is about to be computed. */
function termOf(pass: PassGraph, tree: Hierarchy, node: number, place: number): string {
  const input = inputsOf(pass, node)[place] ?? node;
  return `${stepName(pass, tree, node)} → ${stepName(pass, tree, input)}, ${termText(pass, node, place)}`;
}

/** "relu → fc2": the node about to run, and where its gradient goes. */
function upNext(position: number): string {
  const pass = graph.value;
  const order = derived.schedule.value;
  const tree = derived.hierarchy.value;
  if (!pass || !order || !tree) return "";
  const node = order.rowAt(position);
  if (node < 0) return "";
  const op = opOf(pass, node);
  if (position < order.forwardSteps) return op;
  const term = cursor.value?.term ?? null;
  if (term !== null) return termOf(pass, tree, node, term);
  for (let i = pass.inputStart[node] ?? 0; i < (pass.inputStart[node + 1] ?? 0); i++) {
    const input = pass.inputs[i] ?? 0;
    if (pass.requiresGrad[input] && order.stepOf(input) >= 0) {
      const next = stepName(pass, tree, input);
      return next === op && stepName(pass, tree, node) === next ? op : `${op} → ${next}`;
    }
  }
  return op;
}

function onKey(event: KeyboardEvent, total: number, marks: readonly StripMark[]): void {
  const tenth = Math.max(1, Math.round(total / 10));
  const by: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowDown: -1,
    ArrowRight: 1,
    ArrowUp: 1,
    PageUp: tenth,
    PageDown: -tenth,
  };
  const step = by[event.key];
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (step !== undefined) moveCursor({ by: step });
  else if (event.key === "Home") moveCursor({ to: "start" });
  else if (event.key === "End") moveCursor({ to: "end" });
  else if (event.key.toLowerCase() === "m") toMark(marks, cursor.value?.position ?? 0, event.shiftKey ? -1 : 1);
  else return;
  event.preventDefault();
}

function toMark(marks: readonly StripMark[], position: number, direction: 1 | -1): void {
  const ordered = direction > 0 ? marks : [...marks].reverse();
  const next = ordered.find((mark) => (mark.position - position) * direction > 0) ?? ordered[0];
  if (!next) return;
  moveCursor({ position: next.position });
  announce(next.means);
}

interface StripMark {
  readonly position: number;
  readonly x: number;
  readonly kind: MarkKind;
  readonly means: string;
}

/** Marks at anomalies: where values turn NaN, units die, gradients vanish, verdicts fail. */
function marksOf(segments: readonly Segment[]): StripMark[] {
  const pass = graph.value;
  const order = derived.schedule.value;
  const known = statistics.value;
  if (!pass || !order || !known) return [];
  const verdicts = derived.verdicts.value;
  const marks: StripMark[] = [];
  const { values, gradients } = derived.notFinite.value;
  // What merely came from elsewhere is muted: the first cause is what to look at.
  const kindOf = (causes: readonly number[], node: number): MarkKind => (causes.includes(node) ? "nan" : "after");
  const name = (node: number): string => nodeTitle(pass, node);
  for (const segment of segments) {
    for (let position = segment.from; position < segment.to; position++) {
      const node = order.rowAt(position);
      const flags = known.flags[node] ?? 0;
      const x = segment.x + segment.width / 2;
      if (!segment.backward) {
        if (flags & (NodeFlag.valueNaN | NodeFlag.valueInf) && !(flags & NodeFlag.mask)) {
          marks.push({
            position,
            x,
            kind: kindOf(values, node),
            means: t`${name(node)}: the value has NaN or infinities`,
          });
        } else if ((known.deadUnits[node] ?? 0) > 0) {
          const dead = String(known.deadUnits[node] ?? 0);
          marks.push({ position, x, kind: "zero", means: t`${name(node)}: ${dead} units are 0 for the whole batch` });
        }
      } else if (verdicts.get(node) === "fail") {
        marks.push({ position, x, kind: "fail", means: t`${name(node)}: disagrees with finite differences` });
      } else if (flags & (NodeFlag.gradNaN | NodeFlag.gradInf)) {
        marks.push({
          position,
          x,
          kind: kindOf(gradients, node),
          means: t`${name(node)}: the gradient has NaN or infinities`,
        });
      }
      if (marks.length >= 200) return marks;
    }
  }
  return marks;
}

/** What a pointer rests on. A title in each of a large pass's boxes would double what there is to draw. */
function TitleOf({ step }: { readonly step: ReadonlySignal<Segment | null> }) {
  return <title>{step.value && stepTitle(step.value)}</title>;
}

/** How many boxes have begun at a position. */
function reachedOf(segments: readonly Segment[], position: number): number {
  const next = segments.findIndex((one) => one.from > position);
  return next < 0 ? segments.length : next;
}

/** A box for each segment. Most steps of a large pass stay within one box, and change none of them: only the needle moves. */
function Boxes({
  segments,
  reached: count,
  head,
}: {
  readonly segments: readonly Segment[];
  readonly reached: number;
  readonly head: number;
}) {
  const tree = derived.hierarchy.value;
  const { value, position: place } = derived.overlay.value;
  if (!tree) return null;
  const color = moduleColors(tree);
  const middle = segments.find((one) => one.backward);
  return (
    <>
      {segments.map((one, i) => {
        const own = color(tree.groupOfNode[one.node] ?? 0);
        const reached = i < count;
        const share = Math.max(0.15, place(value(one.node)) || 0);
        const filled = one.backward && reached;
        const opacity = one.from > head ? 0.35 : undefined;
        return (
          <Fragment key={one.from}>
            <rect
              opacity={opacity}
              x={one.x + 0.5}
              y={6.5}
              width={Math.max(0.5, one.width - 0.5)}
              height={21}
              rx={one.width > 8 ? 2 : 0}
              fill={one.backward && !reached ? "none" : own}
              fill-opacity={one.backward ? 0.22 : reached ? 0.22 : 0.08}
              stroke={
                one.width < 5 && !(one.backward && !reached)
                  ? "none"
                  : one.backward && !reached
                    ? "var(--wait-line)"
                    : own
              }
              stroke-opacity={0.7}
            />
            {filled && (
              <rect
                opacity={opacity}
                x={one.x + 0.5}
                y={27.5 - 21 * share}
                width={Math.max(0.5, one.width - 0.5)}
                height={21 * share}
                rx={1}
                fill={own}
              />
            )}
          </Fragment>
        );
      })}
      {middle && <path d={`M${String(middle.x - 5.5)} 4V30`} stroke="var(--card-line)" />}
    </>
  );
}

/** Where the cursor stands. */
function Needle({ segments, position }: { readonly segments: readonly Segment[]; readonly position: number }) {
  const currentBox = segments.find((one) => position >= one.from && position < one.to);
  const lastBox = segments.at(-1);
  const cursorX = currentBox ? currentBox.x + currentBox.width / 2 : lastBox ? lastBox.x + lastBox.width + 3 : 0;
  return (
    <>
      {currentBox && (
        <rect
          x={currentBox.x - 1}
          y={5}
          width={currentBox.width + 2.5}
          height={24}
          rx={3}
          fill="none"
          stroke="var(--accent)"
          stroke-width={2}
        />
      )}
      <path d={`M${String(cursorX - 4.5)} 0h9l-4.5 5z`} fill="var(--accent)" />
    </>
  );
}

/** What the tooltip of a box says: which step, of which op. */
function stepTitle({ from, to, backward, node }: Segment): string {
  const pass = graph.value;
  const order = derived.schedule.value;
  if (!pass || !order) return "";
  const first = from - (backward ? order.forwardSteps : 0) + 1;
  const last = to - (backward ? order.forwardSteps : 0);
  const steps = last > first ? t`steps ${String(first)} to ${String(last)}` : t`step ${String(first)}`;
  const what = `${nodeTitle(pass, node)}${last > first ? " …" : ""}`;
  return backward ? t`backward ${steps}: ${what}` : t`forward ${steps}: ${what}`;
}

/** Which half is which, and which way it runs. */
function Sides({ segments }: { readonly segments: readonly Segment[] }) {
  const back = segments.findIndex((one) => one.backward);
  const [first, second] = [segments[0], segments[back]];
  const end = segments.at(-1);
  if (!first || !second || !end) return null;
  return (
    <>
      <text class="side" x={first.x} y={10}>
        {second.x - first.x > 64 ? t("forward →") : ""}
      </text>
      <text class="side" x={second.x} y={10}>
        {end.x + end.width - second.x > 64 ? t("backward →") : ""}
      </text>
    </>
  );
}

function Labels({ segments }: { readonly segments: readonly Segment[] }) {
  const pass = graph.value;
  const tree = derived.hierarchy.value;
  if (!pass || !tree || segments.length === 0) return null;
  const { sans, ruler } = fonts.value;
  const font = `10px ${sans}`;
  return (
    <>
      {labelsOf(segments, (node) => stepName(pass, tree, node)).map((label) => {
        const text = ruler.fit(label.text, font, label.width + 2);
        if (text === "…" || text === "" || (text !== label.text && ruler.width(text, font) < 24)) return null;
        return (
          <text key={label.x} x={label.x + label.width / 2} y={41}>
            {text}
          </text>
        );
      })}
    </>
  );
}
