import { basename } from "node:path";
import type { PassReading } from "../protocol/engine.ts";
import type { PassId } from "../protocol/ids.ts";
import { asChromeTrace } from "../recording/ways-out/chrome-trace.ts";
import { forModelExplorer } from "../recording/ways-out/model-explorer.ts";
import type { ExportedFile, PassForExport } from "../recording/ways-out/pass-for-export.ts";

/** Tools that a pass can be written for, and what their files end in. */
export const EXPORT_FORMATS = { "model-explorer": ".json", trace: ".json" } as const;
export type ExportFormat = keyof typeof EXPORT_FORMATS;

export function isExportFormat(name: string): name is ExportFormat {
  return Object.hasOwn(EXPORT_FORMATS, name);
}

/** Reads a pass and words it for another tool. */
export async function exportPass(engine: PassReading, pass: PassId, format: ExportFormat): Promise<ExportedFile[]> {
  const [graph, statistics, verdicts] = await Promise.all([
    engine.graph(pass),
    engine.statistics(pass),
    engine.verdicts(pass),
  ]);
  const unmeasured = new Float64Array(graph.nodeCount).fill(Number.NaN);
  const times = format === "trace" ? await engine.times(pass) : { pass, forward: unmeasured, backward: unmeasured };
  const exported: PassForExport = { program: basename(graph.file), graph, statistics, verdicts, times };
  return format === "trace" ? asChromeTrace(exported) : forModelExplorer(exported);
}

/** Where a part of an export is written: "run.json" and, beside it, "run.verdicts.json". */
export function partPath(path: string, part: string): string {
  const dot = path.lastIndexOf(".");
  return dot > path.lastIndexOf("/") + 1 ? `${path.slice(0, dot)}${part}${path.slice(dot)}` : `${path}${part}`;
}
