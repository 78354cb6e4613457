import { basename } from "node:path";
import type { PassReading } from "../protocol/engine.ts";
import type { RankReading } from "../protocol/ranks.ts";
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

/** Reads a pass and words it for another tool: a trace is of all ranks that have it, a graph of the one that is shown. */
export async function exportPass(engine: Source, pass: PassId, format: ExportFormat): Promise<ExportedFile[]> {
  if (format === "model-explorer") return forModelExplorer(await read(engine, pass, format));
  const states = await engine.ranks();
  if (!states) return asChromeTrace([{ rank: null, pass: await read(engine, pass, format) }]);
  const traced: TracedPass[] = [];
  try {
    for (const { rank, kind } of states.ranks) {
      if (kind === "missing" || kind === "starting") continue;
      await engine.selectRank(rank);
      const isKept = (await engine.passes()).some((one) => one.pass === pass && one.kept);
      if (isKept) traced.push({ rank, pass: await read(engine, pass, format) });
    }
  } finally {
    await engine.selectRank(states.shown);
  }
  return asChromeTrace(traced);
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
