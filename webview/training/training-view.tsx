import "./training.css";
import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { t } from "../../engine/language/translate.ts";
import { saveFile, run } from "../state/host.ts";
import type { BadStepKind } from "../../engine/protocol/training-log.ts";
import { graph, findings } from "../state/resources.ts";
import {
  badSteps,
  cancelGoing,
  columnsOf,
  compareWithBucket,
  goToBucket,
  histogramOf,
  isLogarithmic,
  isSmoothed,
  losses,
  map,
  MAP_QUANTITIES,
  mapQuantity,
  pointed,
  pointedRow,
  readBadSteps,
  readTraining,
  rerun,
  stretch,
  trainingIsOpen,
  trainingOpen,
  zoomAt,
  type MapQuantity,
} from "../state/training.ts";
import { formatNumber } from "../ui/format.ts";
import { IconButton } from "../ui/icon.tsx";
import { GradientHistogram } from "./gradient-histogram.tsx";
import { CURVE_HEIGHT, LossCurves } from "./loss-curves.tsx";
import { ParameterMap } from "./parameter-map.tsx";
import { bucketOfPass, firstNotFiniteBucket } from "./pass-places.ts";
import { TrainingTable } from "./training-table.tsx";

/** Shapes of marks at the upper edge: a peak, an arrow upwards, an empty circle. */
const BAD_SHAPES: Readonly<Partial<Record<BadStepKind, string>>> = {
  "loss-spike": "9l-4 0l4 -8l4 8z",
  exploding: "1l4 5h-3v5h-2v-5h-3z",
  "dead-units": "1m-4 4a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
};

/** Room for names and the ends of scales, left of the pictures; as in the style sheet. */
const GUTTER = 88;

const QUANTITY_NAMES: Readonly<Record<MapQuantity, string>> = {
  gradient: t("gradient norm"),
  ratio: t("update / weight"),
  zeros: t("share of zeros"),
  notFinite: t("not finite"),
};

/** The run as a whole: the losses, and one quantity of every parameter, over all passes. */
export function TrainingView() {
  const isOpen = trainingIsOpen.value;
  useEffect(() => {
    if (isOpen) void readTraining();
  }, [isOpen, stretch.value, mapQuantity.value]);
  const shownPass = graph.value?.pass;
  useEffect(() => {
    if (isOpen && shownPass !== undefined) void readBadSteps();
  }, [isOpen, shownPass]);
  const place = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  useEffect(() => {
    if (!place.current) return;
    const observer = new ResizeObserver(([entry]) => (width.value = entry?.contentRect.width ?? 0));
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [isOpen]);
  if (!isOpen) return null;
  return (
    <section class="training" aria-label={t("Training")}>
      <header>
        <h2>{t("Training")}</h2>
        <Readout />
        <span class="tools">
          <Choices />
          <Exports width={width.value - GUTTER} />
          <IconButton
            icon="close"
            name={t("Hide the training")}
            class="small"
            onClick={() => (trainingOpen.value = false)}
          />
        </span>
      </header>
      <div class="pictures" ref={place}>
        {width.value > GUTTER && <Pictures width={width.value - GUTTER} />}
      </div>
      {width.value > GUTTER && <GradientHistogram width={width.value - GUTTER} />}
      <TrainingTable />
    </section>
  );
}

function Pictures({ width }: { readonly width: number }) {
  const from = useSignal<number | null>(null);
  const reading = losses.value;
  const buckets = reading ? reading.starts.length - 1 : 0;
  if (!reading || buckets < 1) return null;
  const at = (event: PointerEvent): number => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return Math.min(buckets - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * buckets)));
  };
  const zoom = (one: number, other: number): void => {
    const [first, last] = [Math.min(one, other), Math.max(one, other)];
    stretch.value = [reading.starts[first] ?? 0, reading.starts[last + 1] ?? 0];
    pointed.value = -1;
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => (pointed.value = Math.max(0, pointed.value - 1)),
    ArrowRight: () => (pointed.value = Math.min(buckets - 1, pointed.value + 1)),
    ArrowUp: () => (pointedRow.value = Math.max(-1, pointedRow.value - 1)),
    ArrowDown: () => (pointedRow.value = Math.min((map.value?.columns.length ?? 0) - 1, pointedRow.value + 1)),
    Home: () => (pointed.value = 0),
    End: () => (pointed.value = buckets - 1),
    Enter: () => void goToBucket(pointed.value),
    Escape: () => (stretch.value = null),
    "+": () => zoomAt(pointed.value < 0 ? buckets >> 1 : pointed.value, 0.5),
    "-": () => zoomAt(pointed.value < 0 ? buckets >> 1 : pointed.value, 2),
    c: () => void compareWithBucket(pointed.value),
    h: () => toggleHistogram(),
  };
  const shown = pointed.value;
  return (
    <div
      class="plot"
      role="slider"
      tabIndex={0}
      aria-label={t("Pass of the training")}
      aria-valuemin={1}
      aria-valuemax={buckets}
      aria-valuenow={Math.max(0, shown) + 1}
      aria-valuetext={readoutText(shown < 0 ? 0 : shown)}
      title={t(
        "Click: go to the pass. Shift and click: compare with it. Drag, + and −: zoom. H: histogram of a parameter. Escape: all passes.",
      )}
      onKeyDown={(event) => {
        const act = keys[event.key];
        if (!act) return;
        event.preventDefault();
        event.stopPropagation();
        act();
      }}
      onPointerMove={(event) => (pointed.value = at(event))}
      onPointerLeave={() => (pointed.value = -1)}
      onPointerDown={(event) => {
        // A drag may end beyond the edge.
        event.currentTarget.setPointerCapture(event.pointerId);
        from.value = at(event);
      }}
      onPointerUp={(event) => {
        const [start, end] = [from.value, at(event)];
        from.value = null;
        if (event.shiftKey) void compareWithBucket(end);
        else if (start === null || Math.abs(end - start) < 2) void goToBucket(end);
        else zoom(start, end);
      }}
    >
      <LossCurves width={width} />
      <ParameterMap width={width} />
      <svg class="marks" width={width} height="100%" aria-hidden="true">
        {from.value !== null && shown >= 0 && (
          <rect
            class="zoom"
            x={(Math.min(from.value, shown) / buckets) * width}
            y="0"
            width={((Math.abs(shown - from.value) + 1) / buckets) * width}
            height="100%"
          />
        )}
        <PassMarks width={width} buckets={buckets} />
        {shown >= 0 && (
          <line
            class="pointed"
            x1={((shown + 0.5) / buckets) * width}
            x2={((shown + 0.5) / buckets) * width}
            y1="0"
            y2="100%"
          />
        )}
      </svg>
    </div>
  );
}

/** Shows or hides the histograms of the parameter that is pointed at. */
function toggleHistogram(): void {
  const row = map.value?.columns[pointedRow.value]?.row ?? -1;
  histogramOf.value = row === histogramOf.value ? -1 : row;
}

/** Where the shown pass, findings and what is first not finite are, as far as they are in the stretch. */
function PassMarks({ width, buckets }: { readonly width: number; readonly buckets: number }) {
  const reading = losses.value;
  if (!reading) return null;
  const x = (bucket: number): number => ((bucket + 0.5) / buckets) * width;
  const bucketAt = (pass: number): number => bucketOfPass(reading, pass);
  const bad = firstNotFiniteBucket(reading, [...reading.columns, ...(map.value?.columns ?? [])]);
  const current = graph.value ? bucketAt(graph.value.pass) : -1;
  return (
    <>
      {current >= 0 && <line class="current" x1={x(current)} x2={x(current)} y1="0" y2="100%" />}
      {findings.value.map(({ pass, rule }) =>
        pass === null || bucketAt(pass) < 0 ? null : (
          <path key={rule} class="finding" d={`M${String(x(bucketAt(pass)))} ${String(CURVE_HEIGHT - 8)}l4 7h-8z`} />
        ),
      )}
      {badSteps.value.map(({ kind, pass }) =>
        bucketAt(pass) < 0 ? null : (
          <path key={kind} class={kind} d={`M${String(x(bucketAt(pass)))} ${BAD_SHAPES[kind] ?? ""}`} />
        ),
      )}
      {bad >= 0 && <path class="bad" d={`M${String(x(bad) - 4)} 1l8 8m0 -8l-8 8`} />}
    </>
  );
}

function readoutText(bucket: number): string {
  const reading = losses.value;
  const pass = reading?.firstPasses[bucket];
  if (!reading || pass === undefined) return "";
  const parts = [t`pass ${String(pass + 1)}`];
  for (const column of columnsOf(reading, "loss")) {
    const name = reading.rows.find(({ id }) => id === column.row)?.name ?? t("loss");
    if ((column.count[bucket] ?? 0) > 0) parts.push(`${name} ${formatNumber(column.mean[bucket] ?? NaN)}`);
  }
  const row = map.value?.columns[pointedRow.value];
  const bad = badSteps.value.find(({ pass: at }) => bucketOfPass(reading, at) === bucket);
  if (bad) parts.push(bad.text);
  if (row) {
    const name = reading.rows.find(({ id }) => id === row.row)?.name ?? "";
    parts.push(`${name} ${QUANTITY_NAMES[mapQuantity.value]} ${formatNumber(row.mean[bucket] ?? NaN)}`);
  }
  return parts.join(" · ");
}

function Readout() {
  const again = rerun.value;
  if (again)
    return (
      <span role="status">
        {t`running again: ${again.done} of ${again.total}`}{" "}
        <button type="button" class="link" onClick={() => void cancelGoing()}>
          {t("Cancel")}
        </button>
      </span>
    );
  const last = (losses.value?.starts.length ?? 1) - 2;
  return <span class="mono dim readout">{readoutText(pointed.value < 0 ? last : pointed.value)}</span>;
}

function Choices() {
  return (
    <>
      <span class="field small">
        <select
          aria-label={t("Colour parameters by")}
          value={mapQuantity.value}
          onChange={(event) => (mapQuantity.value = event.currentTarget.value as MapQuantity)}
        >
          {MAP_QUANTITIES.map((name) => (
            <option key={name} value={name}>
              {QUANTITY_NAMES[name]}
            </option>
          ))}
        </select>
      </span>
      <button
        type="button"
        class="link"
        aria-pressed={isLogarithmic.value}
        onClick={() => (isLogarithmic.value = !isLogarithmic.value)}
      >
        {t("log")}
      </button>
      <button
        type="button"
        class="link"
        aria-pressed={isSmoothed.value}
        onClick={() => (isSmoothed.value = !isSmoothed.value)}
      >
        {t("smooth")}
      </button>
      {stretch.value && (
        <button type="button" class="link" onClick={() => (stretch.value = null)}>
          {t("all passes")}
        </button>
      )}
    </>
  );
}

function Exports({ width }: { readonly width: number }) {
  return (
    <>
      <IconButton
        icon="export"
        name={t("Export the log: CSV or TensorBoard")}
        class="small"
        onClick={() => void run("exportTrainingLog")}
      />
      <IconButton
        icon="device-camera"
        name={t("Save the curves as a picture")}
        class="small"
        onClick={() => void savePicture(width)}
      />
    </>
  );
}

/** The curves as they are drawn, with the colours of the theme written out. */
async function savePicture(width: number): Promise<void> {
  const drawn = document.querySelector<SVGSVGElement>(".training svg.curves");
  if (!drawn) return;
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  const paths = drawn.querySelectorAll("path");
  copy.querySelectorAll("path").forEach((path, i) => {
    const from = paths[i];
    if (!from) return;
    const { stroke, fill, fillOpacity } = getComputedStyle(from);
    path.setAttribute("style", `stroke:${stroke};fill:${fill};fill-opacity:${fillOpacity}`);
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("viewBox", `0 0 ${String(width)} ${String(CURVE_HEIGHT)}`);
  copy.style.background = getComputedStyle(document.body).backgroundColor;
  await saveFile("training.svg", new TextEncoder().encode(copy.outerHTML));
}
