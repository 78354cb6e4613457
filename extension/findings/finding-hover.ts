import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import { findingKey, type Finding } from "../../engine/protocol/finding.ts";
import { evidenceName } from "../../engine/recording/evidence-name.ts";
import { numberText } from "../../engine/recording/number-text.ts";
import { PALETTES } from "../editor/palette.ts";
import { themeKind } from "../editor/theme-kind.ts";
import { firstLineOf } from "../editor/first-line.ts";
import { readSettings } from "../settings.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import type { FindingsBook } from "./findings-book.ts";
import { lossPicture } from "./loss-picture.ts";

const COMMANDS = ["backstep.explainFinding", "backstep.showFinding", "backstep.tryFix"];

/** The evidence of a finding, under the text that the Problems' own hover shows: numbers, the course of the loss, and links. */
export class FindingHover implements vscode.HoverProvider {
  readonly #book: FindingsBook;

  constructor(book: FindingsBook) {
    this.#book = book;
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | null> {
    if (!readSettings(document.uri).hover) return null;
    const found = this.#book
      .inFile(document.uri.fsPath)
      .filter(({ finding: { site } }) => site && firstLineOf(site).contains(position));
    const [first] = found;
    if (!first) return null;
    const texts = await Promise.all(found.map(({ session, finding }) => markdownOf(session, finding)));
    const markdown = new vscode.MarkdownString(texts.join("\n\n---\n\n"), true);
    markdown.isTrusted = { enabledCommands: COMMANDS };
    markdown.supportHtml = true;
    return new vscode.Hover(markdown, first.finding.site ? firstLineOf(first.finding.site) : undefined);
  }
}

async function markdownOf(session: GradientSession, finding: Finding): Promise<string> {
  const { rule, evidence, fix } = finding;
  const numbers = Object.entries(evidence).map(([name, value]) => `${t(evidenceName(name))} ${numberText(value)}`);
  const passes = session.alive ? await session.passes().catch(() => []) : [];
  const losses = passes.flatMap(({ kind, loss }) => (kind === "backward" && loss !== null ? [loss] : []));
  const picture = lossPicture(losses, PALETTES[themeKind()]);
  const args = [session.program, findingKey(finding)];
  const links = [
    link(t("Show in the panel"), "showFinding", args),
    ...(fix && fix.edits.length > 0 ? [link(t("Try the fix"), "tryFix", args)] : []),
    link(t("Why is this a fault?"), "explainFinding", [rule]),
  ];
  return [
    [`**${rule}**`, ...numbers].join(" · "),
    ...(picture === null ? [] : [t`![course of the loss](${picture.uri}|width=${picture.width})`]),
    ...(fix ? [`$(lightbulb) ${fix.text}`] : []),
    links.join(" &nbsp; "),
  ].join("\n\n");
}

function link(title: string, command: string, args: readonly unknown[]): string {
  return `[${title}](command:backstep.${command}?${encodeURIComponent(JSON.stringify(args))})`;
}
