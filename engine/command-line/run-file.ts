import type { OutputLine } from "../protocol/engine.ts";
import type { PassReport, RunReport } from "../protocol/report.ts";
import type { RunCommand } from "./arguments.ts";
import { toJson } from "./json.ts";
import { formatFailure, isFailure } from "./print-failure.ts";
import { formatSaved, formatSavedLog } from "./format-saved.ts";
import { PassPrinter } from "./pass-printer.ts";
import { runSession } from "./session-run.ts";
import { writeErr, writeOut } from "./terminal.ts";

/** `backstep run`. @returns the exit status. */
export async function runFile(command: RunCommand): Promise<number> {
  const passes: PassReport[] = [];
  const printer = new PassPrinter(writeOut);
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
        if (!command.json) process[line.stream].write(line.text);
      },
      report: (pass) => {
        if (command.json) passes.push(pass);
        else printer.take(pass);
      },
      warned: (warning) => writeErr(`warning: ${formatFailure(warning)}`),
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
  printer.end();
  if (failure && failure.kind !== "no-backward") {
    writeErr(formatFailure(failure));
    return 2;
  }
  if (command.json)
    writeOut(
      `${toJson({ file: command.file, passes: passes.sort((a, b) => a.index - b.index), output: printed(output) } satisfies RunReport)}\n`,
    );
  else if (failure) writeErr(formatFailure(failure));
  return saved && logged ? 0 : 2;
}

/** What the file printed, one entry a write, without the newline that ends it. */
function printed(output: readonly OutputLine[]): RunReport["output"] {
  return output.map(({ stream, text }) => ({ stream, text: text.replace(/\n$/u, "") }));
}
