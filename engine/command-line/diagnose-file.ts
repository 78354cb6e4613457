import { isAlarm, type Finding } from "../protocol/finding.ts";
import type { Engine } from "../protocol/engine.ts";
import type { Site } from "../protocol/site.ts";
import { KEPT_PASSES, type DiagnoseCommand } from "./arguments.ts";
import { formatFinding } from "./format-finding.ts";
import { formatSaved } from "./format-saved.ts";
import { toJson } from "./json.ts";
import { formatFailure, formatWarning } from "./print-failure.ts";
import { runSession } from "./session-run.ts";
import { writeErr, writeOut } from "./terminal.ts";
import { t } from "../language/translate.ts";

/** A run may have millions of passes. */
const PASSES_AT_ONCE = 8192;

/** `backstep diagnose`. @returns the exit status: 1 when something is wrong with the training, 2 when the file failed for another reason. */
export async function diagnoseFile(command: DiagnoseCommand): Promise<number> {
  let ofRanks = 0;
  let ran: Ran = { passes: 0, lost: null };
  let findings: readonly Finding[] = [];
  let saved = command.record === null;
  const failure = await runSession(
    command,
    {
      stopOn: { kind: "none" },
      findings: true,
      // Nobody else reads it.
      log: command.record !== null,
      ...(command.record !== null && { record: { file: command.record, passes: KEPT_PASSES } }),
    },
    {
      output: (line) => process.stderr.write(line.text),
      warned: (warning) => writeErr(formatWarning(warning)),
      found: (found) => (findings = found),
      saved: (recording) => {
        saved = true;
        writeErr(formatSaved(recording));
      },
      ranks: ({ ranks }) => (ofRanks = Math.max(...ranks.map((rank) => rank.passes))),
      ended: async (engine) => {
        ran = await lookThrough(engine);
      },
    },
  );
  const { lost } = ran;
  const passes = Math.max(ofRanks, ran.passes);
  const alarm = findings.some(isAlarm);
  // A run that failed of what was found is explained; of anything else it says what.
  if (failure && failure.kind !== "no-backward") writeErr(formatFailure(failure));
  const couldRun = !failure || failure.kind === "no-backward" || alarm;
  if (command.json) {
    if (couldRun) {
      const more = !alarm && lost !== null ? { notFiniteFrom: lost } : {};
      writeOut(`${toJson({ file: command.file, passes, findings: findings.map(findingJson), ...more })}\n`);
    }
  } else if (couldRun) {
    for (const finding of findings) writeOut(formatFinding(finding));
    if (!alarm && lost !== null) writeOut(`${unexplained(lost)}\n`);
    else writeOut(`${verdict(findings.filter(isAlarm).length, passes)}\n`);
  }
  if (!couldRun || !saved) return 2;
  return alarm || lost !== null ? 1 : 0;
}

function findingJson(finding: Finding): unknown {
  return {
    ...finding,
    site: finding.site && place(finding.site),
    related: finding.related.map(({ text, site }) => ({ text, site: place(site) })),
  };
}

function place({ file, line, column }: Site): unknown {
  return { file, line, column };
}

interface Ran {
  readonly passes: number;
  /** The first pass from which on no loss is finite; null where the last one is. */
  readonly lost: number | null;
}

/** How the losses of a run went, read a page of passes at a time. */
export async function lookThrough(engine: Pick<Engine, "passes">): Promise<Ran> {
  let [passes, afterFinite] = [0, 0];
  for (;;) {
    const some = await engine.passes(passes, PASSES_AT_ONCE);
    for (const { loss } of some) {
      passes++;
      if (loss === null || Number.isFinite(loss)) afterFinite = passes;
    }
    if (some.length < PASSES_AT_ONCE) return { passes, lost: afterFinite === passes ? null : afterFinite };
  }
}

function unexplained(pass: number): string {
  return t`the loss is not finite from pass ${pass} on, and no rule says why; backstep check shows where it becomes so`;
}

function verdict(count: number, passes: number): string {
  const seen = passes === 1 ? t("1 pass") : t`${passes} passes`;
  if (count === 0) return t`nothing is wrong with the training, as far as ${seen} can show`;
  return count === 1 ? t`1 finding in ${seen}` : t`${count} findings in ${seen}`;
}
