import type { OutputLine } from "../protocol/engine.ts";
import type { Finding } from "../protocol/finding.ts";
import type { PassReport, RunReport } from "../protocol/report.ts";
import type { RunCommand } from "./arguments.ts";
import { formatFinding } from "./format-finding.ts";
import { toJson } from "./json.ts";
import { formatFailure, formatWarning, isFailure } from "./print-failure.ts";
import { formatSaved, formatSavedLog } from "./format-saved.ts";
import { PassPrinter } from "./pass-printer.ts";
import { runSession } from "./session-run.ts";
import { writeErr, writeOut } from "./terminal.ts";

/** `backstep run`. @returns the exit status. */
export async function runFile(command: RunCommand): Promise<number> {
  const passes: PassReport[] = [];
  const printers = new Map<number | undefined, PassPrinter>();
  const printerOf = (rank: number | undefined): PassPrinter => {
    let printer = printers.get(rank);
    if (!printer) printers.set(rank, (printer = new PassPrinter((text) => writeOut(rankPrefix(rank) + text))));
    return printer;
  };
  let findings: readonly Finding[] = [];
  const output: OutputLine[] = [];
  let saved = command.record === null;
  let logged = command.log === null;
  const failure = await runSession(
    command,
    {
      stopOn: { kind: "none" },
      report: command.values ? "values" : "norms",
      // Nobody else reads it.
      log: command.log !== null || command.record !== null,
      ...(command.record !== null && { record: { file: command.record, passes: command.keep } }),
    },
    {
      output: (line) => {
        output.push(line);
        if (!command.json) writeLine(line);
      },
      report: (pass) => {
        if (command.json) passes.push(pass);
        else printerOf(pass.rank).take(pass);
      },
      found: (found) => (findings = found),
      warned: (warning) => writeErr(formatWarning(warning)),
      saved: (recording) => {
        saved = true;
        writeErr(formatSaved(recording));
      },
      ended: async (engine) => {
        if (command.log === null) return;
        try {
          writeErr(formatSavedLog(await engine.exportLog(command.log.format, command.log.path)));
          logged = true;
        } catch (error) {
          if (!isFailure(error)) throw error;
          writeErr(formatFailure(error));
        }
      },
    },
  );
  for (const printer of printers.values()) printer.end();
  for (const finding of findings) writeErr(formatFinding(finding));
  if (failure && failure.kind !== "no-backward") {
    writeErr(formatFailure(failure));
    return 2;
  }
  if (command.json)
    writeOut(
      `${toJson({ file: command.file, passes: passes.sort((a, b) => a.index - b.index || (a.rank ?? 0) - (b.rank ?? 0)), output: printed(output) } satisfies RunReport)}\n`,
    );
  else if (failure) writeErr(formatFailure(failure));
  return saved && logged ? 0 : 2;
}

/** "[rank 1] " before what one of several ranks prints. */
function rankPrefix(rank: number | undefined): string {
  return rank === undefined ? "" : `[rank ${rank}] `;
}

function writeLine({ stream, text, rank }: OutputLine): void {
  process[stream].write(rank === undefined ? text : text.replace(/^(?=[^])/gmu, rankPrefix(rank)));
}

/** What the file printed, one entry a write, without the newline that ends it. */
function printed(output: readonly OutputLine[]): RunReport["output"] {
  return output.map(({ stream, text, rank }) => ({
    ...{ stream, text: text.replace(/\n$/u, "") },
    ...(rank !== undefined && { rank }),
  }));
}
