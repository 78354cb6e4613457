import * as vscode from "vscode";
import type { NodeId } from "../../engine/protocol/ids.ts";
import { readSettings } from "../settings.ts";
import { shapeOf } from "../session/tape-names.ts";
import { numberText } from "../text/number-text.ts";
import { shapeText } from "../text/tensor-text.ts";
import { currentRange, type FilePass, type TapeReader } from "./tape-reader.ts";

/** Shape and gradient norm of each variable, at the end of the line that assigned it, while stopped. */
export class InlineValuesProvider implements vscode.InlineValuesProvider {
  readonly #tape: TapeReader;

  constructor(tape: TapeReader) {
    this.#tape = tape;
  }

  async provideInlineValues(document: vscode.TextDocument, viewPort: vscode.Range): Promise<vscode.InlineValue[]> {
    if (!readSettings(document.uri).inlineValues) return [];
    const file = await this.#tape.filePass(document.uri.fsPath);
    if (!file) return [];
    const statistics = await this.#tape.statistics(file.session, file.pass);
    if (!statistics) return [];
    const values: vscode.InlineValue[] = [];
    for (const { node, range, label } of lastOfEach(file)) {
      if (!viewPort.intersection(range)) continue;
      const norm = (): string => {
        const gradient = statistics.gradNorm[node] ?? NaN;
        if (file.graph.requiresGrad[node] !== 1) return "";
        return Number.isNaN(gradient) ? "  ∇ waits" : `  ‖∇‖ ${numberText(gradient)}`;
      };
      values.push(new vscode.InlineValueText(range, `${label} ${shapeText(shapeOf(file.graph, node))}${norm()}`));
    }
    return values;
  }
}

/** Of several runs of a line, the last. */
function lastOfEach({ nodes, positions }: FilePass): { node: NodeId; range: vscode.Range; label: string }[] {
  const byPlace = new Map<string, { node: NodeId; range: vscode.Range; label: string }>();
  for (const { node, site, label } of nodes) {
    if (!label) continue;
    const range = currentRange(positions, site);
    if (range) byPlace.set(`${site.line}:${label}`, { node, range, label });
  }
  return [...byPlace.values()];
}
