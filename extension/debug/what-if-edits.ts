import { t } from "../../engine/language/translate.ts";
import type { NodeId, PassId } from "../../engine/protocol/ids.ts";
import type { Edit, WhatIf } from "../../engine/protocol/what-if.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import { parametersOf, shapeOf, nodeTitle } from "../../engine/recording/graph-rows.ts";
import { numberText } from "../../engine/recording/number-text.ts";
import type { NamedScope, StopView } from "./variables.ts";
import type { AdapterProgress } from "./adapter-progress.ts";
import { group, type Entry } from "./variable-store.ts";

/** Elements that somebody set to other values, and what the pass would have been with them. Nothing recorded changes. */
export class WhatIfEdits {
  readonly #session: GradientSession;
  readonly #progress: AdapterProgress;

  constructor(session: GradientSession, progress: AdapterProgress) {
    this.#session = session;
    this.#progress = progress;
  }

  /** Sets one more element, and runs again what depends on all that are set. */
  async set(pass: PassId, edit: Edit): Promise<void> {
    const shown = this.#session.whatIf;
    const others = shown?.pass === pass ? shown.edits.filter((one) => !isSame(one, edit)) : [];
    const edits = [...others, edit];
    const result = await this.#progress.during(t("Running the pass again"), (report, signal) =>
      this.#session.askWhatIf(pass, edits, report, signal),
    );
    this.#session.showWhatIf({ pass, edits, result });
  }

  /** @returns whether there was anything to take back */
  undo(): boolean {
    const had = this.#session.whatIf !== null;
    this.#session.showWhatIf(null);
    return had;
  }

  /** The value that an element was set to; null when it is as recorded. */
  valueOf(pass: PassId, place: Omit<Edit, "value">): number | null {
    const shown = this.#session.whatIf;
    return shown?.pass === pass ? (shown.edits.find((one) => isSame(one, place))?.value ?? null) : null;
  }

  /** Old and new beside each other, as a scope of the Variables view; null while nothing is set. */
  scope(view: StopView): NamedScope | null {
    const shown = this.#session.whatIf;
    if (shown?.pass !== view.cursor.pass) return null;
    const { result, edits } = shown;
    return {
      name: t("What if"),
      expensive: false,
      content: group(0, async () => {
        const statistics = await this.#session.engine.statistics(view.cursor.pass);
        return [...editEntries(view, edits), lossEntry(result), ...gradientEntries(view, result, statistics.gradNorm)];
      }),
    };
  }

  /** "loss 0.731 → 0.702". */
  get summary(): string {
    const loss = this.#session.whatIf?.result.loss;
    return loss ? t`loss ${arrow(loss[0], loss[1])}` : t("as recorded");
  }
}

function editEntries(view: StopView, edits: readonly Edit[]): Entry[] {
  return edits.map((edit) => {
    const index = indexOf(shapeOf(view.graph, edit.node), edit.element);
    const of = edit.plane === "gradient" ? "∇ " : "";
    return {
      name: `${of}${nodeTitle(view.graph, edit.node)}${index}`,
      value: t`set to ${numberText(edit.value)}`,
      readOnly: true,
    };
  });
}

function isSame(a: Omit<Edit, "value">, b: Omit<Edit, "value">): boolean {
  return a.node === b.node && a.plane === b.plane && a.element === b.element;
}

function lossEntry({ loss }: WhatIf): Entry {
  return { name: "loss", value: arrow(loss[0], loss[1]), readOnly: true };
}

/** The parameters whose gradient would be another. */
function gradientEntries(view: StopView, { gradNorm }: WhatIf, before: Float64Array): Entry[] {
  const differs = (node: NodeId): boolean => {
    const old = before[node] ?? NaN;
    const now = gradNorm[node] ?? NaN;
    return !Number.isNaN(now) && Math.abs(now - old) > 1e-6 * Math.max(Math.abs(old), 1e-12);
  };
  return parametersOf(view.graph)
    .filter(differs)
    .map((node) => ({
      name: `‖∇‖ ${nodeTitle(view.graph, node)}`,
      value: arrow(before[node], gradNorm[node]),
      readOnly: true,
    }));
}

function arrow(before: number | undefined, after: number | undefined): string {
  return `${numberText(before ?? NaN)} → ${numberText(after ?? NaN)}`;
}

/** "[1, 2]" of a flat, row-major position; nothing for a scalar. */
function indexOf(shape: readonly number[], element: number): string {
  if (shape.length === 0) return "";
  const index: number[] = [];
  let rest = element;
  for (const size of [...shape].reverse()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${index.join(", ")}]`;
}
