import { statSync } from "node:fs";
import type { RecordingFile } from "../recording/file/recording-file.ts";
import { openRecording, recordingFailure } from "../session/recording/file-source.ts";
import { closeRanks, openRanks } from "../session/ranks/recorded-ranks.ts";
import type { ShowCommand } from "./arguments.ts";
import { formatPass } from "./format-pass.ts";
import { toJson } from "./json.ts";
import { formatFailure, formatWarning, isFailure } from "./print-failure.ts";
import { reportRecordedPass } from "./recorded-pass-report.ts";
import { writeErr, writeOut } from "./terminal.ts";
import { t } from "../language/translate.ts";

/** `backstep show`: what is in a recording. @returns the exit status */
export async function showFile(command: ShowCommand): Promise<number> {
  try {
    if (statSync(command.file).isDirectory()) return await showRanks(command);
    const { recording, close } = await openRecording(command.file);
    try {
      if (command.json) writeOut(`${toJson(describe(command.file, recording))}\n`);
      else print(command.file, recording);
    } finally {
      close();
    }
    return 0;
  } catch (error) {
    const failure = recordingFailure(command.file, error);
    if (!isFailure(failure)) throw error;
    writeErr(formatFailure(failure));
    return 2;
  }
}

/** Recordings of several ranks, opened as one. */
async function showRanks({ file, json }: ShowCommand): Promise<number> {
  const opened = (await openRanks(file))!;
  try {
    for (const remark of opened.remarks) writeErr(formatWarning(remark));
    const ranks = [...opened.ranks.values()];
    if (json) {
      const described = ranks.map(({ file, identity, opened }) => ({
        rank: identity.rank,
        ...(describe(file, opened.recording) as object),
      }));
      const remarks = opened.remarks.map(({ message }) => message);
      writeOut(`${toJson({ folder: file, ranks: opened.world, recordings: described, remarks })}\n`);
      return 0;
    }
    for (const { file, identity, opened } of ranks) {
      writeOut(`${t`rank ${identity.rank}`}\n`);
      print(file, opened.recording);
    }
    return 0;
  } finally {
    closeRanks(opened);
  }
}

function describe(file: string, recording: RecordingFile): unknown {
  const { program, args, framework, device, seed, created, producer } = recording.manifest;
  return {
    file,
    program,
    args,
    framework,
    device,
    seed,
    created,
    producer,
    truncated: recording.truncated,
    failure: recording.failure,
    passes: recording.passes.map(({ pass, kind, loss, nodeCount, kept }) =>
      kept
        ? { ...reportRecordedPass(recording, pass), kept, verdicts: tally(recording, pass) }
        : { index: pass, kind, loss, nodes: nodeCount, kept },
    ),
  };
}

type Pass = RecordingFile["passes"][number]["pass"];

function tally(recording: RecordingFile, pass: Pass): Record<"pass" | "fail" | "inconclusive", number> {
  const counts = { pass: 0, fail: 0, inconclusive: 0 };
  for (const { verdict } of recording.notes(pass).verdicts) counts[verdict]++;
  return counts;
}

function print(file: string, recording: RecordingFile): void {
  const { program, args, framework, created } = recording.manifest;
  const left = recording.passes.filter(({ kept }) => !kept).length;
  const line = [program, ...args].join(" ");
  writeOut(`${file}: ${line}, ${framework.name} ${framework.version}, ${created}\n`);
  if (recording.truncated) writeErr(`${t`${file} was cut off: what is whole is shown`}\n`);
  for (const { pass, kept } of recording.passes) {
    if (!kept) continue;
    writeOut(formatPass(reportRecordedPass(recording, pass)));
    const { pass: passed, fail, inconclusive } = tally(recording, pass);
    if (passed + fail + inconclusive > 0) {
      writeOut(`  ${t`compared: ${passed} passed, ${fail} failed, ${inconclusive} inconclusive`}\n`);
    }
  }
  if (left > 0) writeOut(`${t`${left} more passes ran and were not kept`}\n`);
  if (recording.failure) writeOut(formatFailure(recording.failure));
}
