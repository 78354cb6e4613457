import { StoppedEvent } from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { t } from "../../engine/language/translate.ts";
import type { BreakpointHit } from "../../engine/protocol/engine.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import { failureText } from "../text/failure-text.ts";

/** Why a session stands still. */
export interface Stop {
  /** "step", "entry", "goto", "end": where neither a failure nor a breakpoint is the reason. */
  readonly reason: string;
  readonly failure: Failure | null;
  readonly hit: BreakpointHit | undefined;
  /** The exception filter that stopped the file. */
  readonly exception: string | null;
  /** Whether a recording is shown, of a program that is gone. */
  readonly isRecording: boolean;
  /** Whether other ranks run on. */
  readonly isAlone: boolean;
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  entry: t("Paused at backward()"),
  step: t("Paused on a step"),
  goto: t("Paused where the cursor is"),
  breakpoint: t("Paused on a breakpoint"),
  end: t("The file has ended; its passes can be read"),
};

/** What VS Code is told about a stop. */
export function stoppedEvent(
  thread: number,
  { reason, failure, hit, exception, isRecording, isAlone }: Stop,
): DebugProtocol.StoppedEvent {
  const why = failure ? "exception" : hit ? "breakpoint" : reason;
  const event: DebugProtocol.StoppedEvent = new StoppedEvent(why, thread);
  const isOpened = isRecording && why === "end";
  const description = exception
    ? t`Paused on ${exception}`
    : isOpened
      ? t("A recording; its passes can be read")
      : DESCRIPTIONS[why];
  const isCounted = hit !== undefined && !failure && hit.count > 1;
  if (description) event.body.description = isCounted ? t`${description}, hit ${hit.count}` : description;
  const text = failure ? failureText(failure) : hit?.text;
  if (text) event.body.text = text;
  if (hit) event.body.hitBreakpointIds = [...hit.ids];
  event.body.allThreadsStopped = !isAlone;
  return event;
}
