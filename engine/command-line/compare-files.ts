import type { Failure } from "../protocol/failure.ts";
import type { PassId } from "../protocol/ids.ts";
import { compareWithLog } from "../recording/compare/compare-with-log.ts";
import { comparePasses } from "../recording/compare/compare-passes.ts";
import type { RecordingFile } from "../recording/file/recording-file.ts";
import { readLog } from "../session/recording/debug-log-file.ts";
import { storedPass } from "../session/recording/compare-with.ts";
import { openRecording, recordingFailure, type OpenedRecording } from "../session/recording/file-source.ts";
import type { CompareCommand } from "./arguments.ts";
import { comparisonJson, formatComparison } from "./format-comparison.ts";
import { toJson } from "./json.ts";
import { formatFailure, isFailure } from "./print-failure.ts";
import { writeErr, writeOut } from "./terminal.ts";
import { t } from "../language/translate.ts";

/** `backstep compare`: two recordings, or two passes of one. @returns the exit status: 1 where they differ. */
export async function compareFiles(command: CompareCommand): Promise<number> {
  const opened: OpenedRecording[] = [];
  let file = command.files[0];
  try {
    const log = readLog((file = command.files[1]));
    for (file of log ? [command.files[0]] : command.files) opened.push(await openRecording(file));
    const [first, second = first] = opened.map(({ recording }) => recording) as [RecordingFile, RecordingFile?];
    const comparisons = pairsOf(command, first, second).map(([a, b]) =>
      log
        ? compareWithLog(storedPass(first, a), log, command.tolerance)
        : comparePasses(storedPass(first, a), storedPass(second, b), command.tolerance),
    );
    if (command.json) {
      writeOut(`${toJson({ files: command.files, passes: comparisons.map(comparisonJson) })}\n`);
    } else for (const comparison of comparisons) writeOut(formatComparison(comparison));
    return comparisons.some(({ different }) => different > 0) ? 1 : 0;
  } catch (error) {
    const failure = recordingFailure(file, error);
    if (!isFailure(failure)) throw error;
    writeErr(formatFailure(failure));
    return 2;
  } finally {
    for (const { close } of opened) close();
  }
}

/** The passes that are compared: those that were named, else those that both have, else the newest of each; with a log one. */
function pairsOf(
  { passes, files }: CompareCommand,
  first: RecordingFile,
  second: RecordingFile,
): readonly (readonly [PassId, PassId])[] {
  const [inFirst, inSecond] = [keptOf(first), keptOf(second)];
  if (passes !== null) {
    const [a, b] = passes as [PassId, PassId];
    if (!inFirst.includes(a)) throw noPass(files[0], a);
    if (!inSecond.includes(b)) throw noPass(files[1], b);
    return [[a, b]];
  }
  const shared = inFirst.filter((pass) => inSecond.includes(pass));
  if (shared.length > 0) return shared.map((pass) => [pass, pass] as const);
  return [[newestOf(inFirst, files[0]), newestOf(inSecond, files[1])]];
}

function newestOf(passes: readonly PassId[], file: string): PassId {
  const newest = passes.at(-1);
  if (newest === undefined) throw noPass(file, null);
  return newest;
}

function keptOf(recording: RecordingFile): PassId[] {
  return recording.passes.filter(({ kept }) => kept).map(({ pass }) => pass);
}

function noPass(file: string, pass: PassId | null): Failure {
  const message = pass === null ? t`${file} holds no pass` : t`${file} holds no pass ${pass}`;
  return { kind: "value", message, site: null };
}
