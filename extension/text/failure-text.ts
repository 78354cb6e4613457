import path from "node:path";
import type { Failure, FailureKind } from "../../engine/protocol/failure.ts";
import type { Site } from "../../engine/protocol/site.ts";

const KINDS: readonly string[] = [
  "syntax",
  "import",
  "shape",
  "dtype",
  "value",
  "autograd",
  "exception",
  "rejection",
  "stack-overflow",
  "out-of-memory",
  "exited",
  "crashed",
  "no-backward",
  "request",
] satisfies FailureKind[];

/** What was rejected, as a failure: the engine's own, or whatever else was thrown on the way. */
export function failureOf(reason: unknown): Failure {
  if (isFailure(reason)) return reason;
  const message = reason instanceof Error ? reason.message : String(reason);
  return { kind: "request", message, site: null };
}

function isFailure(value: unknown): value is Failure {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    typeof value.kind === "string" &&
    KINDS.includes(value.kind) &&
    "message" in value
  );
}

/** "digits-mlp.ts:14:16". */
export function siteText(site: Site): string {
  return `${path.basename(site.file)}:${site.line}:${site.column}`;
}

/** The message and what to do about it, in one line. */
export function failureText({ message, fix }: Failure): string {
  const text = startingLarge(message);
  if (!fix) return text;
  return /[.?!]$/.test(text) ? `${text} ${startingLarge(fix)}` : `${text}; ${fix}`;
}

/** A sentence starts with a capital; the name of an op ("matmul: …") stays as it is written. */
function startingLarge(text: string): string {
  return /^[a-z]+[ ,]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** For a console: message, place, frames of the user. */
export function failureReport(failure: Failure): string {
  return [failureText(failure), ...failurePlaces(failure)].join("\n");
}

/** Where a failure is, and the calls that led there: "    at forward (/models/net.ts:7:16)". */
export function failurePlaces(failure: Failure): string[] {
  const lines: string[] = [];
  if (failure.site) lines.push(`    at ${failure.site.file}:${failure.site.line}:${failure.site.column}`);
  for (const frame of failure.frames ?? []) {
    const { file, line, column } = frame.site;
    if (failure.site && failure.site.file === file && failure.site.line === line) continue;
    lines.push(`    at ${frame.name} (${file}:${line}:${column})`);
  }
  return lines;
}
