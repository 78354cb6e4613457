import type { Failure } from "../protocol/failure.ts";
import type { Parting } from "../recording/log/followed-log.ts";
import type { ClockReading } from "./messages.ts";

const CLOCK_FIX = "let nothing that is computed depend on it: seed random numbers with a number of your own";
const FILE_FIX =
  "look for what the file reads from outside: other files, the network, the environment, the order in which things end";
const SCRIPT_FIX =
  "look for what the script reads from outside: a clock, the system's random numbers (a generator that is made without a seed), files, the network; or for ops that PyTorch does not compute the same each time, as some on a GPU";

/** What is said of a run that is not the same when it is run again. */
export function partingFailure({ pass, text }: Parting, clocks: readonly ClockReading[], isScript: boolean): Failure {
  const [first] = clocks;
  const sources = [...new Set(clocks.map(({ source }) => source))].join(", ");
  return {
    kind: "value",
    message:
      `run again, the file is another from pass ${pass} on: ${text}` +
      (first ? `. It reads what differs from run to run: ${sources}` : ""),
    site: first?.site ?? null,
    fix: isScript ? SCRIPT_FIX : first ? CLOCK_FIX : FILE_FIX,
  };
}

/** What is said when a program that was gone back in goes on otherwise than it did: somebody may have changed a value. */
export function partingWarning({ pass, text }: Parting): Failure {
  const message = `from pass ${pass} on the file goes on otherwise than it did before: ${text}. The training log follows it from there`;
  return { kind: "value", message, site: null };
}
