import { t } from "../language/translate.ts";
import { UNDECIDED } from "./standard-streams.ts";
import { writeErr } from "./terminal.ts";

/** Signals that end a program which does not listen to them. Nobody can listen to SIGKILL. */
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP", "SIGALRM", "SIGUSR2", "SIGXCPU"] as const;

/** The status of a command that has found a wrong gradient. */
const WRONG = 1;

/**
 * Ends the command on a signal with a sentence, and with the status of what is known by then: the file that it runs may have sent
 * the signal. Its engine ends with it.
 */
export function endOnSignals(): void {
  for (const signal of ENDING) {
    process.once(signal, () => {
      writeErr(`backstep: ${t`ended by the signal ${signal}`}\n`);
      // A shell goes on with its loop where a Ctrl-C has not ended the program itself.
      if (signal === "SIGINT") process.kill(process.pid, signal);
      else process.exit(process.exitCode === WRONG ? WRONG : UNDECIDED);
    });
  }
}
