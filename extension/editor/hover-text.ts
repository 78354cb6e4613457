import { t } from "../../engine/language/translate.ts";
import type { CheckRow } from "../../engine/protocol/check.ts";
import type { OpFormula, TensorSummary } from "../../engine/protocol/inspection.ts";
import { numberText } from "../../engine/recording/number-text.ts";
import { formulaText } from "../text/formula-text.ts";
import { markdownText } from "../text/surface-text.ts";
import { contentText, shapeText } from "../text/tensor-text.ts";
import { verdictText } from "../text/verdict-text.ts";

export interface HoverContent {
  /** "h2". */
  readonly name: string;
  /** "relu"; empty for a parameter or input. */
  readonly op: string;
  readonly value: TensorSummary;
  readonly gradient: TensorSummary | null;
  /** Said in place of the gradient when there is none. */
  readonly noGradient: string;
  readonly verdict: CheckRow | null;
  /** TeX of what the op computes, and of what it passes back to each input; null for leaves and Functions. */
  readonly formula: OpFormula | null;
  /** "the last of 32"; empty when the line ran once. */
  readonly which: string;
  /** Norm of the update over norm of the value; NaN where unknown. */
  readonly updateRatio: number;
  readonly stale: boolean;
  readonly picture: { readonly uri: string; readonly width: number } | null;
  /** Links, as Markdown. */
  readonly links: readonly string[];
}

const ICON = { pass: "$(pass)", fail: "$(error)", inconclusive: "$(question)" } as const;

/** A hover as Markdown: one line each for what it is, its value, its gradient; then picture, verdict and links. */
export function hoverMarkdown(content: HoverContent): string {
  const { value, gradient, verdict, picture } = content;
  const name = content.op
    ? `**${markdownText(content.name || content.op)}**${content.name ? ` = ${markdownText(content.op)}` : ""}`
    : `**${markdownText(content.name)}**`;
  const head = [`\`${shapeText(value.shape)}\` ${value.dtype} · ${name}`, content.which && `*${content.which}*`];
  const lines = [
    head.filter(Boolean).join(" · "),
    t`value ${markdownText(contentText(value))}`,
    gradient ? t`gradient ${markdownText(contentText(gradient))}` : t`gradient: ${markdownText(content.noGradient)}`,
  ];
  if (content.formula) lines.push(formulaLine(content.formula));
  if (Number.isFinite(content.updateRatio)) lines.push(t`update / weight ${numberText(content.updateRatio)}`);
  const blocks = [lines.join("  \n")];
  if (picture) blocks.push(t`![histograms of value and gradient](${picture.uri}|width=${picture.width})`);
  if (verdict) blocks.push(`${ICON[verdict.verdict]} ${markdownText(verdictText(verdict))}`);
  if (content.stale) blocks.push(t("$(history) The file was edited since it ran."));
  if (content.links.length > 0) blocks.push(`---\n\n${content.links.join(" &nbsp; ")}`);
  return blocks.join("\n\n");
}

/** "y = max(0, x), passes back ȳ [x > 0]". */
function formulaLine({ forward, backward }: OpFormula): string {
  const code = (tex: string): string => `\`${formulaText(tex)}\``;
  const passed = [...new Set(backward.filter((tex) => tex !== ""))].map(code);
  return `${code(`y = ${forward}`)}${passed.length > 0 ? t` passes back ${passed.join(", ")}` : ""}`;
}
