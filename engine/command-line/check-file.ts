import { extname } from "node:path";
import { EVIDENCE, type CheckRow, type CheckSummary } from "../protocol/check.ts";
import type { Engine, StopReason } from "../protocol/engine.ts";
import type { JobId, PassId } from "../protocol/ids.ts";
import { RECORDING_EXTENSION } from "../protocol/model-file.ts";
import type { CheckCommand } from "./arguments.ts";
import { formatCheck } from "./format-check.ts";
import { formatSaved } from "./format-saved.ts";
import { toJson } from "./json.ts";
import { formatFailure, formatWarning } from "./print-failure.ts";
import { runSession } from "./session-run.ts";
import { writeErr, writeOut } from "./terminal.ts";
import { t } from "../language/translate.ts";

/** A pass that was checked, with its verdicts. */
export interface CheckedPass {
  readonly index: number;
  readonly loss: number | null;
  readonly rows: readonly CheckRow[];
  readonly summary: CheckSummary;
}

/** `backstep check`. @returns the exit status: 1 when a gradient is wrong. */
export async function checkFile(command: CheckCommand): Promise<number> {
  const passes: CheckedPass[] = [];
  /** Passes that ran within one that has not ended yet: they are told after it, in the order of their numbers. */
  let held: CheckedPass[] = [];
  const print = (ready: readonly CheckedPass[]): void => {
    if (command.json) return;
    for (const checked of [...ready].sort((a, b) => a.index - b.index)) writeOut(formatCheck(checked));
  };
  let passedBy = -1;
  let leftOut = 0;
  let saved = command.record === null;
  const isRecording = extname(command.file) === RECORDING_EXTENSION;
  const check = async (engine: Engine, pass: number, reason?: StopReason): Promise<void> => {
    passedBy = pass;
    // Numbers that are not finite are what somebody looks for, however few passes are to be checked.
    if (command.pass === null && passes.length >= command.most && reason !== "not-finite") {
      leftOut++;
      return;
    }
    const { rows, summary } = await engine.check((passes.length + 1) as JobId, pass as PassId, command.mode);
    const { loss, within } = (await engine.passes()).find((candidate) => candidate.pass === pass)!;
    const checked = { index: pass, loss, rows, summary };
    passes.push(checked);
    // Also the status where nobody reads on.
    if (summary.failed > 0) process.exitCode = 1;
    held.push(checked);
    if (within !== undefined) return;
    print(held);
    held = [];
  };
  const failure = await runSession(
    command,
    {
      ...(command.record !== null && { record: { file: command.record, passes: "compared" } }),
      log: command.record !== null,
      stopOn:
        command.pass === null
          ? { kind: "distinct" }
          : command.pass === "all"
            ? { kind: "every" }
            : { kind: "nth", n: command.pass + 1 },
    },
    {
      output: (line) => command.json || process[line.stream].write(line.text),
      warned: (warning) => writeErr(formatWarning(warning)),
      stopped: async (engine, pass, reason) => {
        // After the pass that was asked for a session stops at every later one.
        if (typeof command.pass === "number" && pass !== command.pass) return;
        await check(engine, pass, reason);
      },
      ended: async (engine) => {
        if (!isRecording) return;
        for (const { pass, kept } of await engine.passes()) {
          if (kept && (typeof command.pass !== "number" || pass === command.pass)) await check(engine, pass);
        }
        if (command.record !== null) {
          const job = (passes.length + 1) as JobId;
          const recording = await engine.save(
            job,
            command.record,
            passes.map(({ index }) => index as PassId),
          );
          saved = true;
          writeErr(formatSaved(recording));
        }
      },
      saved: (recording) => {
        saved = true;
        writeErr(formatSaved(recording));
      },
    },
  );
  print(held);
  // How the run ended that was recorded says nothing about reading it.
  const recordedEnd = isRecording && passes.length > 0;
  if (failure && failure.kind !== "no-backward" && !recordedEnd) {
    writeErr(formatFailure(failure));
    return 2;
  }
  if (typeof command.pass === "number" && passedBy < 0) {
    const why = isRecording ? t("the recording does not hold it") : t("the file runs fewer backward passes");
    writeErr(`${t`there is no pass ${command.pass}: ${why}`}\n`);
    return 2;
  }
  if (failure) writeErr(formatFailure(failure));
  if (command.json) writeOut(`${toJson(report(command.file, passes, leftOut))}\n`);
  else if (leftOut > 0) {
    writeOut(
      `${t`checked ${passes.length} of ${passes.length + leftOut} distinct structures; --most N checks more of them`}\n`,
    );
  }
  if (!saved) return 2;
  return passes.some(({ summary }) => summary.failed > 0) ? 1 : 0;
}

function report(file: string, passes: readonly CheckedPass[], leftOut: number): unknown {
  const total = (count: (summary: CheckSummary) => number): number =>
    passes.reduce((sum, { summary }) => sum + count(summary), 0);
  return {
    file,
    passes: passes
      .toSorted((a, b) => a.index - b.index)
      .map(({ index, loss, rows }) => ({
        index,
        loss,
        ops: rows.filter(({ scope }) => scope === "op").map(rowJson),
        params: rows.filter(({ scope }) => scope === "parameter").map(rowJson),
      })),
    summary: {
      pass: total(({ passed }) => passed),
      fail: total(({ failed }) => failed),
      inconclusive: total(({ inconclusive }) => inconclusive),
      ...(leftOut > 0 && { leftOut }),
    },
  };
}

function rowJson(row: CheckRow): unknown {
  const {
    node,
    scope,
    name,
    label,
    input,
    inputName,
    site,
    verdict,
    evidence,
    worst,
    compared,
    of,
    order,
    cause,
    reason,
  } = row;
  return {
    ...(node !== null && { node }),
    ...(scope === "op" ? { op: name } : { name }),
    ...(label !== "" && { label }),
    site: site && { file: site.file, line: site.line, column: site.column },
    verdict,
    ...(input !== null && { input: { index: input, ...(inputName !== undefined && { name: inputName }) } }),
    relError: evidence[EVIDENCE.relError],
    analytic: evidence[EVIDENCE.analytic],
    numeric: evidence[EVIDENCE.numeric],
    errorBar: evidence[EVIDENCE.errorBar],
    step: evidence[EVIDENCE.step],
    worst,
    compared,
    of,
    ...(order && { order }),
    ...(cause && {
      cause: {
        ...cause,
        ...(cause.backward && { backward: { file: cause.backward.file, line: cause.backward.line } }),
      },
    }),
    ...(reason !== undefined && { reason }),
  };
}
