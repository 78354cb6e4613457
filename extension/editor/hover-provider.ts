import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { NodeId } from "../../engine/protocol/ids.ts";
import type { HeatMap } from "../../engine/protocol/inspection.ts";
import { readSettings } from "../settings.ts";
import { isLeaf, labelOf, opOf, shapeOf } from "../../engine/recording/graph-rows.ts";
import { nameAt, nodesAt } from "./node-at.ts";
import { PALETTES } from "./palette.ts";
import { themeKind } from "./theme-kind.ts";
import { pictureUri, pictureWidth } from "./hover-picture.ts";
import { hoverMarkdown } from "./hover-text.ts";
import type { FilePass, TapeReader } from "./tape-reader.ts";

const MAP_CELLS = 24;
const COMMANDS = ["backstep.goToNode", "backstep.compare"];

/** Value and gradient of what is under the pointer, while a session's tape can be read. */
export class HoverProvider implements vscode.HoverProvider {
  readonly #tape: TapeReader;

  constructor(tape: TapeReader) {
    this.#tape = tape;
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | null> {
    if (!readSettings(document.uri).hover) return null;
    const file = await this.#tape.filePass(document.uri);
    if (!file) return null;
    const original = file.positions.toOriginal(position);
    if (!original) return null;
    const { name, called, start, end } = nameAt(document.lineAt(position.line).text, position.character);
    const nodes = nodesAt(file.graph, file.nodes, { position: original, name, called });
    const node = chosen(nodes, file);
    if (node === null) return null;
    const text = await this.#text(file, node, nodes);
    if (text === null) return null;
    const markdown = new vscode.MarkdownString(text, true);
    markdown.isTrusted = { enabledCommands: COMMANDS };
    markdown.supportHtml = true;
    return new vscode.Hover(markdown, new vscode.Range(position.line, start, position.line, end));
  }

  async #text(file: FilePass, node: NodeId, nodes: readonly NodeId[]): Promise<string | null> {
    const { session, pass, graph } = file;
    try {
      const [{ value, gradient, verdict, formula }, statistics] = await Promise.all([
        session.engine.summaries(pass, node),
        session.engine.statistics(pass),
      ]);
      const map = gradient ? await this.#map(file, node) : null;
      const content = { value, gradient, map };
      const uri = pictureUri(content, PALETTES[themeKind()]);
      return hoverMarkdown({
        name: labelOf(graph, node),
        op: isLeaf(graph, node) ? "" : opOf(graph, node),
        value,
        gradient,
        noGradient: graph.requiresGrad[node] === 1 ? t("has not arrived yet") : t("none, by design"),
        formula,
        verdict: verdict ?? session.verdictOf(pass, node),
        which: nodes.length > 1 ? t`call ${nodes.indexOf(node) + 1} of ${nodes.length}` : "",
        updateRatio: statistics.updateRatio[node] ?? NaN,
        stale: file.positions.edited,
        picture: uri === null ? null : { uri, width: pictureWidth(content) },
        links: links(node),
      });
    } catch {
      // The session ended or moved on while it was asked.
      return null;
    }
  }

  /** Only of what has two axes to show. */
  async #map({ session, pass, graph }: FilePass, node: NodeId): Promise<HeatMap | null> {
    const shape = shapeOf(graph, node).filter((size) => size > 1);
    if (shape.length < 2) return null;
    return session.engine.heatMap(pass, node, { plane: "gradient", maxRows: MAP_CELLS, maxColumns: MAP_CELLS });
  }
}

/** The run where the cursor stands, of a line that ran several times; else the last. */
function chosen(nodes: readonly NodeId[], { session }: FilePass): NodeId | null {
  const at = session.cursor?.node ?? null;
  if (at !== null && nodes.includes(at)) return at;
  return nodes.at(-1) ?? null;
}

function links(node: NodeId): string[] {
  const link = (title: string, command: string, args: unknown[]): string =>
    `[${title}](command:${command}?${encodeURIComponent(JSON.stringify(args))})`;
  return [
    link(t("Go to node"), "backstep.goToNode", [{ node, move: true }]),
    link(t("Why this gradient?"), "backstep.goToNode", [{ node, move: false }]),
    link(t("Compare"), "backstep.compare", []),
  ];
}
