import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { NodeStatistics } from "../../engine/protocol/graph.ts";
import type { NodeId } from "../../engine/protocol/ids.ts";
import { backwardStepsRun } from "../../engine/recording/moves.ts";
import { scheduleOfGraph } from "../../engine/recording/schedule.ts";
import { readSettings } from "../settings.ts";
import { shapeOf } from "../../engine/recording/graph-rows.ts";
import { numberText } from "../../engine/recording/number-text.ts";
import { shapeText } from "../text/tensor-text.ts";
import { withoutArguments } from "./python-source.ts";
import { changesOf, changeText } from "../../engine/recording/what-if-changes.ts";
import type { SessionRegistry } from "../session/session-registry.ts";
import { currentRange, type FilePass, type TapeReader } from "./tape-reader.ts";
import { labelText } from "../text/surface-text.ts";

/** Shape and gradient norm of each variable, at the end of the line that assigned it, while stopped. */
export class InlineValuesProvider implements vscode.InlineValuesProvider {
  readonly #tape: TapeReader;

  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeInlineValues = this.#changed.event;

  constructor(tape: TapeReader, registry: SessionRegistry) {
    this.#tape = tape;
    registry.started.listen(({ gradients }) => gradients.whatIfChanged.listen(() => this.#changed.fire()));
  }

  async provideInlineValues(document: vscode.TextDocument, viewPort: vscode.Range): Promise<vscode.InlineValue[]> {
    if (!readSettings(document.uri).inlineValues) return [];
    const file = await this.#tape.filePass(document.uri);
    if (!file) return [];
    const statistics = await this.#tape.statistics(file.session, file.pass);
    if (!statistics) return [];
    const text = document.getText();
    const lines = document.languageId === "python" ? withoutArguments(text) : text.split(/\r?\n/u);
    const values: vscode.InlineValue[] = [];
    for (const { node, range: made, label } of lastOfEach(file)) {
      const range = assignmentOf(lines, label, made);
      if (!range || !viewPort.intersection(range)) continue;
      values.push(new vscode.InlineValueText(range, labelText(inlineText(file, statistics, node, label))));
    }
    return values;
  }
}

/** "h [8, 16]  ‖∇‖ 0.0448"; of a scalar "a = 2.00  ∇ -3.00". */
function inlineText(file: FilePass, statistics: NodeStatistics, node: NodeId, label: string): string {
  const text = recordedText(file, statistics, node, label);
  const { whatIf, cursor } = file.session;
  if (whatIf === null || whatIf.pass !== cursor?.pass) return text;
  const changes = changesOf(node, whatIf.result, statistics);
  return changes.length === 0 ? text : t`${text}  what if: ${changes.map(changeText).join(", ")}`;
}

function recordedText({ session, graph }: FilePass, statistics: NodeStatistics, node: NodeId, label: string): string {
  const shape = shapeOf(graph, node);
  const scalar = shape.length === 0;
  const value = statistics.valueItem[node] ?? NaN;
  const head = scalar && !Number.isNaN(value) ? `${label} = ${numberText(value)}` : `${label} ${shapeText(shape)}`;
  const { cursor } = session;
  if (graph.requiresGrad[node] !== 1 || !cursor) return head;
  // What has not arrived is not worth a word on every line.
  if (scheduleOfGraph(graph).gradientState(node, backwardStepsRun(cursor)) !== "complete") return head;
  const gradient = statistics.gradItem[node] ?? NaN;
  if (scalar && !Number.isNaN(gradient)) return `${head}  ∇ ${numberText(gradient)}`;
  const norm = statistics.gradNorm[node] ?? NaN;
  return Number.isNaN(norm) ? head : `${head}  ‖∇‖ ${numberText(norm)}`;
}

/**
 * Where a variable is assigned to: at the call itself, or, when a function of the user's returned the tensor, at the
 * line that took it. A parameter's is the line of its module.
 */
function assignmentOf(lines: readonly string[], label: string, made: vscode.Range): vscode.Range | null {
  const name = label.split(".")[0] ?? label;
  const word = new RegExp(`(?<![\\p{L}\\p{N}_$])${name.replace(/\$/g, "\\$")}\\s*=(?!=)`, "u");
  if (word.test(lines[made.start.line] ?? "")) return made;
  for (const [line, text] of lines.entries()) {
    const found = word.exec(text);
    if (found) return new vscode.Range(line, found.index, line, found.index + name.length);
  }
  return null;
}

/** The last run of each line that ran several times. */
function lastOfEach({ nodes, positions }: FilePass): { node: NodeId; range: vscode.Range; label: string }[] {
  const byPlace = new Map<string, { node: NodeId; range: vscode.Range; label: string }>();
  for (const { node, site, label } of nodes) {
    if (!label) continue;
    const range = currentRange(positions, site);
    if (range) byPlace.set(`${site.line}:${label}`, { node, range, label });
  }
  return [...byPlace.values()];
}
