import { batch, effect } from "@preact/signals";
import { t } from "../../engine/language/translate.ts";
import { firstWrong, type CheckMode } from "../../engine/protocol/check.ts";
import type { JobId, NodeId, PassId } from "../../engine/protocol/ids.ts";
import { announce, ask, host, inspect } from "./partners.ts";
import * as resources from "./resources.ts";
import { reveal, select } from "./selecting.ts";
import * as ui from "./ui.ts";
import { summaryText } from "../comparison/difference-text.ts";
import { Verdicts } from "../../engine/recording/verdicts.ts";

type Rows = typeof resources.checkRows.value;

/** Newer rows take the place of older ones about the same thing. */
export function merged(known: Rows, newer: Rows): Rows {
  return new Verdicts(known).learn(newer).rows;
}

function nextJob(): JobId {
  ui.lastJob.value++;
  return ui.lastJob.value as JobId;
}

/** Compares the shown pass with another, colours by what differs, and says where it begins. */
export async function compareWith(file: string | null, other: PassId | null): Promise<void> {
  const pass = resources.cursor.value?.pass;
  if (pass === undefined) return;
  const found = await ask(inspect().compareWith(pass, file, other));
  if (!found || resources.graph.value?.pass !== pass) return;
  batch(() => {
    resources.comparison.value = found;
    ui.overlayName.value = "difference";
  });
  announce(summaryText(found));
}

/** Compares the shown pass with another step of this run; the host runs the file again for one that was released. */
export async function compareWithStep(other: PassId): Promise<void> {
  const pass = resources.cursor.value?.pass;
  if (pass === undefined || pass === other) return;
  const known = await ask(inspect().passes());
  if (known?.some((one) => one.pass === other && one.kept) === true) await compareWith(null, other);
  else await ask(host().compareSteps(pass, other));
}

/** Compares the shown pass with finite differences, and goes to the first gradient that is wrong. */
export async function compare(mode: CheckMode = "sampled"): Promise<void> {
  const pass = resources.cursor.value?.pass;
  if (pass === undefined || resources.check.value) return;
  const job = nextJob();
  resources.check.value = { job, done: 0, total: 0 };
  const answer = await ask(inspect().check(job, pass, mode));
  batch(() => {
    ended(job);
    if (answer && resources.graph.value?.pass === pass)
      resources.checkRows.value = merged(resources.checkRows.value, answer.rows);
  });
  // What was cancelled says nothing, and what was known before is no answer to it.
  if (answer && !answer.summary.cancelled) {
    const { passed, failed, inconclusive } = answer.summary;
    announce(t`compared: ${String(passed)} pass, ${String(failed)} fail, ${String(inconclusive)} inconclusive`);
    const node = firstWrong(answer.rows)?.node ?? null;
    if (node !== null && resources.graph.value?.pass === pass) {
      select({ kind: "node", node });
      reveal(node);
    }
  }
}

/** Compares one gradient, element by element. The inspector reads the node again when its row arrives. */
export async function compareGradient(pass: PassId, node: NodeId): Promise<void> {
  if (resources.check.value) return;
  const job = nextJob();
  resources.check.value = { job, done: 0, total: 1 };
  const row = await ask(inspect().checkGradient(job, pass, node));
  ended(job);
  if (row) announce(t`${row.name}: ${String(row.compared)} elements compared, ${t(row.verdict)}`);
}

/** Compares once a pass is there: who asks a panel to compare may have opened it just now. */
export function compareWhenReady(mode: CheckMode): void {
  ui.wantedComparison.value = mode;
}

/** Begins the comparison that was asked for before there was a pass. */
export function compareOnceReady(): void {
  effect(() => {
    const mode = ui.wantedComparison.value;
    const isReady = resources.session.value && resources.graph.value?.pass === resources.cursor.value?.pass;
    if (mode === null || !isReady || resources.graph.value === null || resources.check.value) return;
    ui.wantedComparison.value = null;
    void compare(mode);
  });
}

function ended(job: JobId): void {
  if (resources.check.value?.job === job) resources.check.value = null;
}

export async function cancelCheck(): Promise<void> {
  const check = resources.check.value;
  if (check) await ask(inspect().cancel(check.job));
}
