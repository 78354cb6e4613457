import assert from "node:assert/strict";
import type { Outcome } from "./room.ts";

/** How a command should end, and what it should say. */
export interface Expectation {
  readonly status: number;
  /** In what it writes to stderr, or to stdout. */
  readonly says?: RegExp;
  readonly never?: RegExp;
}

const SHOWN = 600;

export function expectOutcome(outcome: Outcome, { status, says, never }: Expectation): void {
  const said = outcome.stderr + outcome.stdout;
  const shown = JSON.stringify((outcome.stderr || outcome.stdout).slice(-SHOWN));
  assert.equal(outcome.status, status, `status ${outcome.status} instead of ${status}: ${shown}`);
  if (status === 2) assert.notEqual(outcome.stderr.trim(), "", "status 2 without a word");
  if (says !== undefined) assert.match(said, says, `says ${shown}`);
  if (never !== undefined) assert.doesNotMatch(said, never, `says ${shown}`);
}
