#!/usr/bin/env node
import { parseCommandLine } from "./command-line/arguments.ts";
import { CommandLineError } from "./command-line/command-line-error.ts";
import { endWithParent } from "./command-line/end-with-parent.ts";
import { endOnSignals } from "./command-line/ending-signals.ts";
import { sentenceOf } from "./command-line/print-failure.ts";
import { speakLanguageOf } from "./command-line/speak.ts";
import { UNDECIDED, watchStreams } from "./command-line/standard-streams.ts";
import { runUnderSuitedNode } from "./command-line/suited-node.ts";
import { writeErr } from "./command-line/terminal.ts";
import { USAGE } from "./command-line/usage.ts";
import { t } from "./language/translate.ts";

/** Commands whose status says whether something is right. */
const JUDGING: ReadonlySet<string> = new Set(["check", "diagnose", "compare"]);

/** The `backstep` command. Exit status: 0 fine, 1 something is wrong, 2 the file could not be run. */
async function main(): Promise<number> {
  await speakLanguageOf(process.argv.slice(2));
  const command = parseCommandLine(process.argv.slice(2));
  if (command.kind === "help") {
    process.stdout.write(t(USAGE));
    return 0;
  }
  const elsewhere = await runUnderSuitedNode();
  if (elsewhere !== null) return elsewhere;
  // An assistant ends its server so, and waits for no word.
  if (command.kind !== "mcp") endOnSignals();
  // Nobody waits for the judgement any more, and what has not been compared is not called right.
  if (JUDGING.has(command.kind)) process.exitCode = UNDECIDED;
  // Loaded here, so that an older Node never sees what it could not parse.
  switch (command.kind) {
    case "run":
      return (await import("./command-line/run-file.ts")).runFile(command);
    case "check":
      return (await import("./command-line/check-file.ts")).checkFile(command);
    case "diagnose":
      return (await import("./command-line/diagnose-file.ts")).diagnoseFile(command);
    case "show":
      return (await import("./command-line/show-file.ts")).showFile(command);
    case "compare":
      return (await import("./command-line/compare-files.ts")).compareFiles(command);
    case "export":
      return (await import("./command-line/export-file.ts")).exportFile(command);
    case "mcp":
      return (await import("./command-line/mcp/serve.ts")).serveAssistant(command);
  }
}

watchStreams();
endWithParent();
try {
  process.exitCode = await main();
} catch (error) {
  // Status 1 says that a gradient is wrong, and nothing else.
  process.exitCode = 2;
  if (error instanceof CommandLineError) writeErr(`backstep: ${error.message}\n${t("backstep --help says more")}\n`);
  else writeErr(`backstep: ${sentenceOf(error)}\n`);
}
