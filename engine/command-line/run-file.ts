import type { OutputLine } from "../protocol/engine.ts";
import type { PassReport, RunReport } from "../protocol/report.ts";
import type { RunCommand } from "./arguments.ts";
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

/** `pass 3  loss 0.412  17 nodes  fc1.weight 0.79  fc1.bias 0.06` */
function formatPass(pass: PassReport): string {
  const loss = pass.loss === null ? "" : `  loss ${formatNumber(pass.loss)}`;
  const leaves = pass.leaves.map(({ name, norm }) => `  ${name} ${formatNumber(norm)}`).join("");
  return `pass ${pass.index}${loss}  ${pass.nodes} nodes${leaves}\n`;
}

/** Three significant digits; plain between 1e-3 and 1e4, else with an exponent. */
export function formatNumber(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  return magnitude >= 1e-3 && magnitude < 1e4 ? Number(value.toPrecision(3)).toString() : value.toExponential(2);
}
