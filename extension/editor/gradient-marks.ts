import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { Finding } from "../../engine/protocol/finding.ts";
import { NodeFlag, type NodeStatistics } from "../../engine/protocol/graph.ts";
import type { FindingsBook } from "../findings/findings-book.ts";
import type { SessionRegistry } from "../session/session-registry.ts";
import { RECORDED_SCHEME } from "../recordings/recorded-sources.ts";
import { nodeTitle } from "../../engine/recording/graph-rows.ts";
import { readSettings } from "../settings.ts";
import { firstLineOf } from "./first-line.ts";
import { currentRange, type FilePass, type TapeReader } from "./tape-reader.ts";

type Health =
  "wrong" | "not-finite" | "finding-error" | "affected" | "finding-warning" | "all-zero" | "finding-note" | "checked";
/** The worst first. */
const HEALTHS: readonly Health[] = [
  "wrong",
  "not-finite",
  "finding-error",
  "affected",
  "finding-warning",
  "all-zero",
  "finding-note",
  "checked",
];

/** Between two redrawings while the cursor moves. */
const REST_MS = 80;

/**
 * Marks in the gutter and the overview ruler, at the lines whose gradients need a look: wrong, not finite, made wrong by
 * an op behind them, all zero; or checked and right. And at the lines that findings about the training are about.
 */
export class GradientMarks implements vscode.Disposable {
  readonly #tape: TapeReader;
  readonly #findings: FindingsBook;
  readonly #types: Readonly<Record<Health, vscode.TextEditorDecorationType>>;
  readonly #subscriptions: { dispose(): void }[];
  #timer: NodeJS.Timeout | null = null;

  constructor(registry: SessionRegistry, tape: TapeReader, findings: FindingsBook, extensionUri: vscode.Uri) {
    this.#tape = tape;
    this.#findings = findings;
    const type = (icon: string, colour: string | null): vscode.TextEditorDecorationType =>
      vscode.window.createTextEditorDecorationType({
        gutterIconPath: vscode.Uri.joinPath(extensionUri, "media", `mark-${icon}.svg`),
        gutterIconSize: "contain",
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
        ...(colour
          ? { overviewRulerColor: new vscode.ThemeColor(colour), overviewRulerLane: vscode.OverviewRulerLane.Right }
          : {}),
      });
    this.#types = {
      wrong: type("wrong", "editorError.foreground"),
      "not-finite": type("not-finite", "editorError.foreground"),
      affected: type("affected", "editorWarning.foreground"),
      "finding-error": type("finding-error", "editorError.foreground"),
      "finding-warning": type("finding-warning", "editorWarning.foreground"),
      "finding-note": type("finding-note", null),
      "all-zero": type("all-zero", "editorWarning.foreground"),
      checked: type("checked", null),
    };
    this.#subscriptions = [
      registry.changed.listen(() => this.#soon()),
      registry.ended.listen(() => this.#soon()),
      findings.changed.listen(() => this.#soon()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#soon()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("backstep.gradientMarks")) this.#soon();
      }),
    ];
  }

  dispose(): void {
    if (this.#timer) clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
    for (const type of Object.values(this.#types)) type.dispose();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#draw();
    }, REST_MS);
  }

  async #draw(): Promise<void> {
    for (const editor of vscode.window.visibleTextEditors) {
      const { scheme } = editor.document.uri;
      if (scheme !== "file" && scheme !== RECORDED_SCHEME) continue;
      const enabled = readSettings(editor.document.uri).gradientMarks;
      const file = enabled ? await this.#tape.filePass(editor.document.uri) : null;
      const statistics = file && (await this.#tape.statistics(file.session, file.pass));
      const found = enabled && scheme === "file" ? this.#findings.inFile(editor.document.uri.fsPath) : [];
      const marks = worstOfEachLine([
        ...(file && statistics ? marksOf(file, statistics) : []),
        ...found.flatMap(({ finding }) => markOfFinding(finding) ?? []),
      ]);
      for (const health of HEALTHS) editor.setDecorations(this.#types[health], marks.get(health) ?? []);
    }
  }
}

interface LineMark {
  readonly health: Health;
  readonly option: vscode.DecorationOptions;
}

function marksOf(file: FilePass, statistics: NodeStatistics): readonly LineMark[] {
  return file.nodes.flatMap(({ node, site }) => {
    const found = healthOf(file, statistics, node);
    const range = found && currentRange(file.positions, site);
    if (!found || !range) return [];
    const [health, text] = found;
    return [{ health, option: { range, hoverMessage: text } }];
  });
}

/** What it says is in the Problems' own hover. */
function markOfFinding({ severity, site }: Finding): LineMark | null {
  return site && { health: `finding-${severity}`, option: { range: firstLineOf(site) } };
}

/** A line has one mark: its worst. */
function worstOfEachLine(marks: readonly LineMark[]): Map<Health, vscode.DecorationOptions[]> {
  const worst = new Map<number, LineMark>();
  for (const mark of marks) {
    const { line } = mark.option.range.start;
    const known = worst.get(line);
    if (!known || HEALTHS.indexOf(mark.health) < HEALTHS.indexOf(known.health)) worst.set(line, mark);
  }
  const result = new Map<Health, vscode.DecorationOptions[]>();
  for (const { health, option } of worst.values()) result.set(health, [...(result.get(health) ?? []), option]);
  return result;
}

function healthOf(
  file: FilePass,
  statistics: NodeStatistics,
  node: FilePass["nodes"][number]["node"],
): [Health, string] | null {
  const { session, pass, graph } = file;
  const title = nodeTitle(graph, node);
  const flags = statistics.flags[node] ?? 0;
  const row = session.verdictOf(pass, node);
  const verdict = row?.verdict;
  // A wrong op makes the gradients of all that it passes them back to wrong: those lines are not where to look.
  const affected = verdict === "fail" && row !== null && row.scope !== "op";
  if (verdict === "fail" && !affected) return ["wrong", t`${title}: the gradient is wrong`];
  if (flags & (NodeFlag.valueNaN | NodeFlag.valueInf)) return ["not-finite", t`${title}: the value is not finite`];
  if (flags & (NodeFlag.gradNaN | NodeFlag.gradInf)) return ["not-finite", t`${title}: the gradient is not finite`];
  if (affected) return ["affected", t`${title}: the gradient is wrong, because of a wrong one it comes from`];
  const arrived = graph.requiresGrad[node] === 1 && !Number.isNaN(statistics.gradNorm[node] ?? NaN);
  if (arrived && statistics.gradZeros[node] === 1) return ["all-zero", t`${title}: the gradient is zero everywhere`];
  return verdict === "pass" ? ["checked", t`${title}: matches finite differences`] : null;
}
