#!/usr/bin/env node
import { CommandLineError, parseCommandLine } from "./command-line/arguments.ts";
import { checkFile } from "./command-line/check-file.ts";
import { runFile } from "./command-line/run-file.ts";
import { USAGE } from "./command-line/usage.ts";

/** The `backstep` command. Exit status: 0 fine, 1 a gradient is wrong, 2 the file could not be run. */
try {
  const command = parseCommandLine(process.argv.slice(2));
  if (command.kind === "help") process.stdout.write(USAGE);
  else process.exitCode = await (command.kind === "run" ? runFile(command) : checkFile(command));
} catch (error) {
  if (!(error instanceof CommandLineError)) throw error;
  process.stderr.write(`backstep: ${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
