import { basename } from "node:path";
import { t } from "../language/translate.ts";
import type { PassReading } from "../protocol/engine.ts";
import type { RankReading, RankState } from "../protocol/ranks.ts";
import type { PassId } from "../protocol/ids.ts";
import { asChromeTrace, type TracedPass } from "../recording/ways-out/chrome-trace.ts";
import { forModelExplorer } from "../recording/ways-out/model-explorer.ts";
import type { ExportedFile, PassForExport } from "../recording/ways-out/pass-for-export.ts";

/** Tools that a pass can be written for, and what their files end in. */
export const EXPORT_FORMATS = { "model-explorer": ".json", trace: ".json" } as const;
export type ExportFormat = keyof typeof EXPORT_FORMATS;

/** An engine, as far as it is read here. */
type Source = PassReading & Pick<RankReading, "ranks" | "selectRank">;

export function isExportFormat(name: string): name is ExportFormat {
  return Object.hasOwn(EXPORT_FORMATS, name);
}

/** A pass in the words of another tool. */
export interface ExportedPass {
  readonly files: readonly ExportedFile[];
  /** Which ranks are not in it, and why, in the language that is spoken here. */
  readonly remarks: readonly string[];
}

/** Reads a pass and words it for another tool: a trace is of all ranks that have it, a graph of the one that is shown. */
export async function exportPass(engine: Source, pass: PassId, format: ExportFormat): Promise<ExportedPass> {
  if (format === "model-explorer") return { files: forModelExplorer(await read(engine, pass, format)), remarks: [] };
  const states = await engine.ranks();
  if (!states) return { files: asChromeTrace([{ rank: null, pass: await read(engine, pass, format) }]), remarks: [] };
  const traced: TracedPass[] = [];
  const remarks: string[] = [];
  try {
    for (const state of states.ranks) {
      const { rank } = state;
      const away = whyAway(state);
      if (away !== null) {
        remarks.push(away);
        continue;
      }
      await engine.selectRank(rank);
      const isKept = (await engine.passes()).some((one) => one.pass === pass && one.kept);
      if (isKept) traced.push({ rank, pass: await read(engine, pass, format) });
      else remarks.push(t`Rank ${rank} does not keep this pass: it is not in the trace.`);
    }
  } finally {
    await engine.selectRank(states.shown);
  }
  return { files: asChromeTrace(traced), remarks };
}

/** Why nothing can be asked of a rank; null of one that stands still, or has ended. */
function whyAway({ rank, kind }: RankState): string | null {
  if (kind === "missing") return t`There is no recording of rank ${rank}: it is not in the trace.`;
  if (kind === "starting") return t`Rank ${rank} has not started: it is not in the trace.`;
  if (kind === "running") return t`Rank ${rank} is still running: it is not in the trace. Pause it, and export again.`;
  return null;
}

async function read(engine: Source, pass: PassId, format: ExportFormat): Promise<PassForExport> {
  const [graph, statistics, verdicts] = await Promise.all([
    engine.graph(pass),
    engine.statistics(pass),
    engine.verdicts(pass),
  ]);
  const unmeasured = new Float64Array(graph.nodeCount).fill(Number.NaN);
  const times = format === "trace" ? await engine.times(pass) : { pass, forward: unmeasured, backward: unmeasured };
  return { program: basename(graph.file), graph, statistics, verdicts, times };
}

/** Where a part of an export is written: "run.json" and, beside it, "run.verdicts.json". */
export function partPath(path: string, part: string): string {
  const dot = path.lastIndexOf(".");
  return dot > path.lastIndexOf("/") + 1 ? `${path.slice(0, dot)}${part}${path.slice(dot)}` : `${path}${part}`;
}
