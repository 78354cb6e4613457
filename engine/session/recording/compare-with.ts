import { readElements } from "../../core/elements.ts";
import type { PassComparison } from "../../protocol/comparison.ts";
import type { PassId } from "../../protocol/ids.ts";
import { RECORDED_DTYPES } from "../../protocol/recorded-dtype.ts";
import { factsOf, structureOf, viewOfTensor } from "../../reading/new-pass.ts";
import { bringWhole, readPass } from "../../reading/pass-source.ts";
import { comparePasses, DEFAULT_TOLERANCE, type ComparedPass } from "../../recording/compare/compare-passes.ts";
import type { RecordingFile } from "../../recording/file/recording-file.ts";
import { numbersOf } from "../../recording/stored-elements.ts";
import type { InspectedRun } from "../inspected-run.ts";
import { requestFailure } from "../request-failure.ts";

/** Compares a pass of a run with another pass of it, with one of a recording, or with a log of PyTorch's DebugMode. */
export async function compareWith(
  run: InspectedRun,
  id: PassId,
  file: string | null,
  other: PassId | null,
): Promise<PassComparison> {
  if (file === null) {
    if (other === null) throw requestFailure("say which pass to compare with");
    return withPass(run, id, (first) => withPass(run, other, async (second) => compare(first, second)));
  }
  const { readLog } = await import("./debug-log-file.ts");
  const log = readLog(file);
  if (log) {
    const { compareWithLog } = await import("../../recording/compare/compare-with-log.ts");
    return withPass(run, id, async (first) => compareWithLog(first, log, DEFAULT_TOLERANCE));
  }
  const { openRecording } = await import("./file-source.ts");
  const { recording, close } = await openRecording(file);
  try {
    const kept = recording.passes.filter((one) => one.kept).map(({ pass }) => pass);
    const chosen = kept.find((pass) => pass === (other ?? id)) ?? (other === null ? kept.at(-1) : undefined);
    if (chosen === undefined) throw requestFailure(`${file} holds no such pass`);
    return await withPass(run, id, async (first) => compare(first, storedPass(recording, chosen)));
  } finally {
    close();
  }
}

function compare(first: ComparedPass, second: ComparedPass): PassComparison {
  return comparePasses(first, second, DEFAULT_TOLERANCE);
}

/** Does something with a pass of the run while its tensors are in memory. */
function withPass<T>(run: InspectedRun, id: PassId, work: (pass: ComparedPass) => Promise<T>): Promise<T> {
  return readPass(run.source, id, async (pass) => {
    await bringWhole(run.source, pass);
    return work({
      structure: structureOf(pass, run.program),
      facts: factsOf(pass),
      elements: (ref) => {
        const view = viewOfTensor(pass, ref);
        return view && readElements(view);
      },
    });
  });
}

/** A pass of a recording that is read where it lies. */
export function storedPass(recording: RecordingFile, id: PassId): ComparedPass {
  const { structure, facts } = recording.pass(id);
  return {
    structure,
    facts,
    elements: (ref) => {
      const row = "edge" in ref ? structure.inputs[ref.edge]! : ref.row;
      return numbersOf(recording.tensor(ref), RECORDED_DTYPES[structure.dtype[row]!]!);
    },
  };
}
