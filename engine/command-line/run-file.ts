import type { OutputLine } from "../protocol/engine.ts";
import type { PassReport, RunReport } from "../protocol/report.ts";
import type { RunCommand } from "./arguments.ts";
import { formatPass } from "./format-pass.ts";
import { toJson } from "./json.ts";
import { formatFailure } from "./print-failure.ts";
import { runSession } from "./session-run.ts";

/** `backstep run`. @returns the exit status. */
export async function runFile(command: RunCommand): Promise<number> {
  const passes: PassReport[] = [];
  const output: OutputLine[] = [];
  const failure = await runSession(
    command,
    { stopOn: { kind: "none" }, report: command.values ? "values" : "norms" },
    {
      output: (line) => {
        output.push(line);
        if (!command.json) process[line.stream].write(line.text);
      },
      report: (pass) => {
        passes.push(pass);
        if (!command.json) process.stdout.write(formatPass(pass));
      },
      warned: (warning) => process.stderr.write(`warning: ${formatFailure(warning)}`),
    },
  );
  if (failure && failure.kind !== "no-backward") {
    process.stderr.write(formatFailure(failure));
    return 2;
  }
  if (command.json)
    process.stdout.write(`${toJson({ file: command.file, passes, output: printed(output) } satisfies RunReport)}\n`);
  else if (failure) process.stderr.write(formatFailure(failure));
  return 0;
}

/** What the file printed, one entry a write, without the newline that ends it. */
function printed(output: readonly OutputLine[]): RunReport["output"] {
  return output.map(({ stream, text }) => ({ stream, text: text.replace(/\n$/u, "") }));
}
