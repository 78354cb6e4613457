import { computed, signal } from "@preact/signals";
import { t } from "../../engine/language/translate.ts";
import type { JobId, PassId } from "../../engine/protocol/ids.ts";
import type { BadStep, LogColumn, LogReading } from "../../engine/protocol/training-log.ts";
import { compareWithStep } from "./comparing.ts";
import { setCursor } from "./cursor-moves.ts";
import { announce, ask, inspect } from "./partners.ts";
import { lastJob } from "./ui.ts";

/** What the map can show of parameters. */
export const MAP_QUANTITIES = ["gradient", "ratio", "zeros", "notFinite"] as const;
export type MapQuantity = (typeof MAP_QUANTITIES)[number];

/** Buckets that are asked for: about as many as a wide panel has room for. */
const MOST_BUCKETS = 480;

/** Null: open where a run has more than one pass. */
export const trainingOpen = signal<boolean | null>(null);
export const mapQuantity = signal<MapQuantity>("gradient");
export const isLogarithmic = signal(false);
export const isSmoothed = signal(false);
/** Positions of passes that are zoomed to, the second excluded; null for all. */
export const stretch = signal<readonly [number, number] | null>(null);
/** How many passes the log has. */
export const loggedPasses = signal(0);
/** Losses and rates of the stretch; null before anything was asked for. */
export const losses = signal<LogReading | null>(null);
/** The map's quantity of every parameter. */
export const map = signal<LogReading | null>(null);
/** The bucket under the pointer or the keyboard; −1 where there is none. */
export const pointed = signal(-1);
export const pointedRow = signal(-1);
/** The parameter whose gradients are shown as histograms, by its number in the log; −1 for none. */
export const histogramOf = signal(-1);
/** Where the run first went wrong, in each of the ways that it did. */
export const badSteps = signal<readonly BadStep[]>([]);
/** A run that is made again, to go to a pass that was released. */
export const rerun = signal<{ readonly job: JobId; readonly done: number; readonly total: number } | null>(null);

export const trainingIsOpen = computed(() => loggedPasses.value > 0 && (trainingOpen.value ?? loggedPasses.value > 1));

/** How many passes are drawn together where that many are shown. */
function bucketWidth(passes: number): number {
  return Math.max(1, Math.ceil(passes / MOST_BUCKETS));
}

/** The one request that is under way, and whether another is wanted after it. */
const asking = signal<"no" | "yes" | "again">("no");

/** Reads the stretch that is shown, once more where it is being read already. */
export async function readTraining(): Promise<void> {
  if (asking.peek() !== "no") {
    asking.value = "again";
    return;
  }
  asking.value = "yes";
  const [from, to] = stretch.peek() ?? [0, null];
  const width = bucketWidth((to ?? loggedPasses.peek()) - from);
  const common = { from, to, width };
  const read = await ask(inspect().trainingLog({ ...common, rows: null, quantities: ["loss"] }));
  const parameters = (read?.rows ?? []).filter(({ kind }) => kind === "parameter").map(({ id }) => id);
  const quantities = [mapQuantity.peek()];
  const ofParameters = read && (await ask(inspect().trainingLog({ ...common, rows: parameters, quantities })));
  if (read) {
    loggedPasses.value = read.passes;
    losses.value = read;
    map.value = ofParameters;
  }
  const isWanted = asking.peek() !== "yes";
  asking.value = "no";
  if (isWanted) await readTraining();
}

const MARKED = ["exploding", "loss-spike", "dead-units"] as const;

/** Looks for where the run went wrong; once it stands still, since that goes through the whole log. */
export async function readBadSteps(): Promise<void> {
  const found = await Promise.all(MARKED.map((kind) => ask(inspect().firstBadStep(kind))));
  badSteps.value = found.filter((one) => one !== null);
}

/** The log has grown; told a few times a second at most. */
export function trainingGrew(passes: number): void {
  loggedPasses.value = passes;
  if (trainingIsOpen.peek()) void readTraining();
}

export function forgetTraining(): void {
  loggedPasses.value = 0;
  losses.value = null;
  map.value = null;
  stretch.value = null;
  pointed.value = -1;
  histogramOf.value = -1;
  badSteps.value = [];
  rerun.value = null;
}

/** Compares the shown pass with the first one of a bucket. */
export async function compareWithBucket(bucket: number): Promise<void> {
  const pass = losses.peek()?.firstPasses[bucket];
  if (pass !== undefined) await compareWithStep(pass as PassId);
}

/** Shows fewer passes around a bucket, half as many, or twice as many; the pass that is pointed at stays so, in its place. */
export function zoomAt(bucket: number, factor: number): void {
  const passes = loggedPasses.peek();
  const [from, to] = stretch.peek() ?? [0, passes];
  const middle = losses.peek()?.starts[bucket] ?? from;
  const width = Math.max(2, Math.round((to - from) * factor));
  const isAll = width >= passes;
  const before = Math.floor((middle - from) * (width / Math.max(1, to - from)));
  const first = isAll ? 0 : Math.min(Math.max(0, middle - before), passes - width);
  stretch.value = isAll ? null : [first, first + width];
  if (pointed.peek() >= 0) pointed.value = Math.floor((middle - first) / bucketWidth(isAll ? passes : width));
}

/** Shows the first pass of a bucket: at once where it is kept, else by running the file again. */
export async function goToBucket(bucket: number): Promise<void> {
  const pass = losses.peek()?.firstPasses[bucket];
  if (pass === undefined) return;
  const job = ++lastJob.value as JobId;
  const moved = await ask(inspect().goToPass(job, pass as PassId));
  rerun.value = null;
  if (!moved) return;
  setCursor(moved);
  announce(t`pass ${String(pass + 1)}`);
}

export async function cancelGoing(): Promise<void> {
  const under = rerun.peek();
  if (under) await ask(inspect().cancelGoTo(under.job));
}

/** Columns of a quantity, in the order of their rows. */
export function columnsOf(reading: LogReading | null, quantity: LogColumn["quantity"]): readonly LogColumn[] {
  return reading?.columns.filter((column) => column.quantity === quantity) ?? [];
}
