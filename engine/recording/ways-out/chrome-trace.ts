import {
  nameOfScope,
  placeOf,
  scopesAround,
  shapeOf,
  titleOf,
  type ExportedFile,
  type PassForExport,
} from "./pass-for-export.ts";
import type { Scope } from "../../protocol/graph.ts";

/** A complete event of the Trace Event Format. Times are microseconds. */
interface CompleteEvent {
  readonly name: string;
  readonly cat: string;
  readonly ph: "X";
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Names a process or a thread. */
interface NameEvent {
  readonly name: "process_name" | "thread_name";
  readonly ph: "M";
  readonly pid: number;
  readonly tid: number;
  readonly args: { readonly name: string };
}

const FORWARD = 1;
const BACKWARD = 2;
/** Microseconds of an op that cannot be measured by itself: it must be seen all the same. */
const UNMEASURED = 1;

/** A pass of one of several ranks; null: of a run of one. */
export interface TracedPass {
  readonly rank: number | null;
  readonly pass: PassForExport;
}

/**
 * A pass for Perfetto and Chrome's tracing: its forward and its backward, each a thread, op after op in the order in which
 * they ran, under the layers around them. How long an op takes is measured when it is run again by itself; one that cannot
 * be has the shortest time and says so. Each rank is a process.
 */
export function asChromeTrace(passes: readonly TracedPass[]): ExportedFile[] {
  const traceEvents = passes.flatMap(({ rank, pass }) => eventsOf(pass, rank));
  return [{ part: "", text: JSON.stringify({ traceEvents, displayTimeUnit: "ms" }) }];
}

function eventsOf(pass: PassForExport, rank: number | null): readonly (NameEvent | CompleteEvent)[] {
  const pid = (rank ?? 0) + 1;
  const of = rank === null ? "" : `rank ${rank}: `;
  const names: NameEvent[] = [
    { name: "process_name", ph: "M", pid, tid: 0, args: { name: `${of}${pass.program}, pass ${pass.graph.pass}` } },
    { name: "thread_name", ph: "M", pid, tid: FORWARD, args: { name: "forward" } },
    { name: "thread_name", ph: "M", pid, tid: BACKWARD, args: { name: "backward" } },
  ];
  const ops = [...pass.graph.backwardOrder];
  const forward = laidOut(
    pass,
    ops.toSorted((a, b) => a - b),
    { pid, tid: FORWARD, from: 0 },
  );
  const end = forward.reduce((latest, { ts, dur }) => Math.max(latest, ts + dur), 0);
  const backward = laidOut(pass, ops, { pid, tid: BACKWARD, from: end });
  return [...names, ...forward, ...backward];
}

function laidOut(
  pass: PassForExport,
  order: readonly number[],
  { pid, tid, from }: { readonly pid: number; readonly tid: number; readonly from: number },
): CompleteEvent[] {
  const { graph, statistics, times } = pass;
  const isForward = tid === FORWARD;
  const events: CompleteEvent[] = [];
  /** Layers that are open, outermost first, and when each began. */
  const open: { readonly scope: Scope; readonly ts: number }[] = [];
  let now = from;
  const closeTo = (depth: number): void => {
    while (open.length > depth) {
      const { scope, ts } = open.pop()!;
      const args = { path: scope.path, type: scope.type };
      events.push({ name: nameOfScope(scope), cat: scope.kind, ph: "X", ts, dur: now - ts, pid, tid, args });
    }
  };
  for (const node of order) {
    const around = scopesAround(graph, node);
    let shared = 0;
    while (shared < open.length && open[shared]!.scope === around[shared]) shared++;
    closeTo(shared);
    for (const scope of around.slice(shared)) open.push({ scope, ts: now });
    const measured = (isForward ? times.forward : times.backward)[node]! * 1000;
    const dur = measured > 0 ? measured : UNMEASURED;
    const norm = (isForward ? statistics.valueNorm : statistics.gradNorm)[node]!;
    const verdict = pass.verdicts.find((row) => row.node === node && row.scope === "op")?.verdict;
    events.push({
      name: titleOf(graph, node),
      cat: "op",
      ph: "X",
      ts: now,
      dur,
      pid,
      tid,
      args: {
        node,
        shape: shapeOf(graph, node),
        source: placeOf(graph, node),
        [isForward ? "norm of the value" : "norm of the gradient"]: Number.isFinite(norm) ? norm : String(norm),
        ...(verdict !== undefined && { verdict }),
        ...(!(measured > 0) && { time: "not measured" }),
      },
    });
    now += dur;
  }
  closeTo(0);
  return events;
}
