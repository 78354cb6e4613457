import * as vscode from "vscode";
import { t } from "../engine/language/translate.ts";
import { EXCEPTION_FILTERS, type ExceptionFilter } from "../engine/protocol/breakpoints.ts";
import { NodeKind } from "../engine/protocol/graph.ts";
import type { StopWhen, StopWish } from "./debug/stop-wish.ts";
import type { RunningSession } from "./session/session-registry.ts";

type NormWish = Extract<StopWish, { kind: "norm" }>;

interface Choice extends vscode.QuickPickItem {
  readonly filter?: ExceptionFilter;
  readonly threshold?: number | null;
  /** One that is set already. */
  readonly norm?: NormWish;
  readonly asksForNorm?: true;
}

/** Asks where the session is to stop: which gradients are not healthy, or whose norm is above a threshold. */
export async function stopWhen(session: RunningSession | null): Promise<void> {
  const debug = session?.debug;
  if (!debug) throw new Error(t("No model file is being debugged. “Backstep: Debug Gradients” starts one."));
  const { wishes = [] } = (await debug.customRequest("stopWhen", {})) as StopWhen;
  const choices = choicesOf(wishes);
  const picked = await vscode.window.showQuickPick(choices, {
    title: t("Stop When…"),
    placeHolder: t("Holds for this session; breakpoints that stay are set in the Breakpoints view"),
    canPickMany: true,
  });
  if (!picked) return;
  const wanted: StopWish[] = [];
  for (const choice of picked) {
    const wish = choice.norm ?? (choice.asksForNorm ? await askForNorm(session) : await askForFilter(choice, wishes));
    // Whoever leaves a question unanswered changes nothing.
    if (!wish) return;
    wanted.push(wish);
  }
  await debug.customRequest("stopWhen", { wishes: wanted } satisfies StopWhen);
}

function choicesOf(wishes: readonly StopWish[]): readonly Choice[] {
  const filters = EXCEPTION_FILTERS.map(({ filter, label, description, threshold }): Choice => {
    const set = wishes.find((wish) => wish.kind === "filter" && wish.filter === filter);
    return {
      label: t(label),
      detail: t(description),
      filter,
      threshold,
      picked: set !== undefined,
    };
  });
  const norms = wishes
    .filter((wish) => wish.kind === "norm")
    .map((norm): Choice => ({ label: wishText(norm), norm, picked: true }));
  const asks: Choice = {
    label: t("The Gradient Norm of … Exceeds …"),
    detail: t("Of one variable or parameter; asks for its name, the threshold, and from which hit on."),
    asksForNorm: true,
  };
  return [...norms, asks, ...filters];
}

async function askForFilter(choice: Choice, wishes: readonly StopWish[]): Promise<StopWish | null> {
  const { filter, threshold = null } = choice;
  if (filter === undefined) return null;
  if (threshold === null) return { kind: "filter", filter, threshold: null };
  const before = wishes.find((wish) => wish.kind === "filter" && wish.filter === filter);
  const known = before?.kind === "filter" ? before.threshold : null;
  const norm = await askForNumber(t("{0}: from which norm?", choice.label), String(known ?? threshold), 0);
  return norm === null ? null : { kind: "filter", filter, threshold: norm };
}

async function askForNorm(session: RunningSession): Promise<StopWish | null> {
  const name = await vscode.window.showQuickPick(await namesOf(session), {
    title: t("Whose gradient?"),
    placeHolder: t("A variable or a parameter of the pass that is shown"),
  });
  if (name === undefined) return null;
  const above = await askForNumber(t("Stop when the gradient norm of {0} exceeds", name), "10", 0);
  if (above === null) return null;
  const fromHit = await askForNumber(t("From which hit on? 1 stops at the first"), "1", 1);
  return fromHit === null ? null : { kind: "norm", name, above, fromHit: Math.round(fromHit) };
}

/** Parameters before variables, each once. */
async function namesOf({ gradients }: RunningSession): Promise<string[]> {
  const pass = gradients.cursor?.pass;
  if (pass === undefined) throw new Error(t("Stop in a pass first: its variables can then be chosen from."));
  const { nodeCount, kind, label, strings, requiresGrad } = await gradients.graph(pass);
  const nodes = Array.from({ length: nodeCount }, (_, node) => node).filter((node) => requiresGrad[node] === 1);
  const isParameter = (node: number): boolean => kind[node] === NodeKind.parameter;
  const ordered = [...nodes.filter(isParameter), ...nodes.filter((node) => !isParameter(node))];
  return [...new Set(ordered.map((node) => strings[label[node] ?? 0] ?? ""))].filter((name) => name !== "");
}

async function askForNumber(prompt: string, value: string, least: number): Promise<number | null> {
  const text = await vscode.window.showInputBox({
    prompt,
    value,
    validateInput: (typed) =>
      typed.trim() !== "" && Number(typed) >= least ? null : t("A number from {0}, such as 1e-3 or 10", least),
  });
  return text === undefined ? null : Number(text);
}

function wishText({ name, above, fromHit }: NormWish): string {
  return fromHit > 1
    ? t("The gradient norm of {0} is above {1}, from hit {2} on", name, above, fromHit)
    : t("The gradient norm of {0} is above {1}", name, above);
}
