import katex from "katex";
import {
  STATISTIC,
  type NodeDetail,
  type RuleAtElement,
  type TensorSummary,
} from "../../engine/protocol/inspection.ts";
import { PAGE_SCRIPT } from "./page-script.ts";
import { backwardEquation, forwardEquation, inputNames, writtenOut } from "../inspector/input-names.ts";
import { percentText } from "../../engine/recording/number-text.ts";
import { t } from "../../engine/language/translate.ts";
import { fileName, formatNumber, formatShape } from "../ui/format.ts";

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${String(letter.charCodeAt(0))};`);
}

/** What the inspector says of a node. */
export interface ReportedNode {
  readonly detail: NodeDetail;
  /** The element of its result at which the chain rule is shown with numbers. */
  readonly index: readonly number[];
  readonly rules: readonly RuleAtElement[];
}

/** One step of the backward pass. */
export interface ReportedStep {
  readonly node: number;
  readonly name: string;
  /** Norm of the complete gradient; "" where there is none. */
  readonly norm: string;
  /** Id of the card that stands for the node in the drawing; "" where none does. */
  readonly card: string;
}

/** A module or a composite function, with what it holds; the root has no title. */
export interface ReportedGroup {
  /** Id of its card in the drawing. */
  readonly card: string;
  readonly title: string;
  readonly groups: readonly ReportedGroup[];
  readonly nodes: readonly ReportedStep[];
}

export interface Report {
  readonly title: string;
  readonly svg: string;
  readonly nodes: readonly ReportedNode[];
  readonly steps: readonly ReportedStep[];
  /** How many steps of the backward pass have been taken. */
  readonly start: number;
  readonly root: ReportedGroup;
  readonly nameOf: (node: number) => string;
  /** Path of the model's folder: no reader needs to know where it lies. */
  readonly folder: string;
  /** Language of the panel's words, which are the page's too: "en", "zh-cn". */
  readonly language: string;
  readonly background: string;
  readonly foreground: string;
  readonly accent: string;
}

/**
 * One HTML file that needs nothing else: the drawing, stepped and searched, its groups as a list that opens, and what the
 * inspector said of each node. Its own policy lets no other script run than its one, and nothing be loaded.
 */
export async function reportHtml(report: Report): Promise<string> {
  const { title, svg, nodes, steps, start, root, nameOf, folder, language, background, foreground, accent } = report;
  const sections = nodes.map((node) => sectionOf(node, nameOf)).join("\n");
  const data = JSON.stringify({ steps, start, words: wordsOfPage() }).replaceAll("<", "\\u003c");
  const policy = `default-src 'none'; script-src 'sha256-${await sha256(PAGE_SCRIPT)}'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`;
  const page = `<!doctype html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>
body { margin: 0; display: grid; grid-template: auto 1fr / 220px 1fr 360px; height: 100vh; font: 13px/18px system-ui, sans-serif; background: ${background}; color: ${foreground}; }
header { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; padding: 6px 12px; border-bottom: 1px solid ${foreground}44; }
main, aside, nav { overflow: auto; min-height: 0; } aside, nav { padding: 8px 12px; } aside { border-left: 1px solid ${foreground}44; } nav { border-right: 1px solid ${foreground}44; }
section { display: none; } section.shown { display: block; } aside:has(.shown) > p { display: none; }
h1 { font-size: 13px; margin: 0; } h2 { font: 600 16px/22px monospace; margin: 12px 0 4px; } table { border-collapse: collapse; }
td { padding: 0 12px 0 0; font: 12px/18px monospace; } td:first-child { font-family: system-ui, sans-serif; opacity: .8; }
nav ul { margin: 0; padding-left: 14px; list-style: none; } nav button { padding: 1px 4px; border: 0; background: none; color: inherit; font: inherit; text-align: left; cursor: pointer; overflow-wrap: anywhere; }
li[aria-current] > button { outline: 1px solid ${accent}; } header button, header input { padding: 2px 8px; border: 1px solid ${foreground}66; border-radius: 2px; background: none; color: inherit; font: inherit; }
header button:disabled { opacity: .4; } [id^="node-"], [id^="group-"] { cursor: pointer; } :focus-visible { outline: 2px solid ${accent}; }
.now > rect.body { stroke: ${accent}; stroke-width: 3; } .chosen > rect.body { stroke: ${accent}; stroke-width: 2; stroke-dasharray: 4 2; }
@media (max-width: 900px) { body { grid-template: auto 1fr 1fr / 1fr 1fr; } main { grid-column: 1 / -1; } }
</style>
</head>
<body>
<header><h1>${escapeHtml(title)}</h1>
<span><button id="first" type="button" aria-label="${escapeHtml(t("To the start"))}">⏮</button> <button id="back" type="button" aria-label="${escapeHtml(t("Step back"))}">◀</button>
<button id="on" type="button" aria-label="${escapeHtml(t("Step"))}">▶</button> <button id="last" type="button" aria-label="${escapeHtml(t("To the end"))}">⏭</button></span>
<span id="status" role="status"></span>
<input id="search" type="search" placeholder="${escapeHtml(t("Search nodes"))}" aria-label="${escapeHtml(t("Search nodes"))}"> <span id="hits" role="status"></span></header>
<nav aria-label="${escapeHtml(t("Nodes by group"))}">${listOf(root)}</nav>
<main tabindex="0" aria-label="${escapeHtml(t("Graph"))}">${svg}</main>
<aside aria-label="${escapeHtml(t("Inspector"))}"><p>${escapeHtml(t("Choose a node."))}</p>
${sections}
</aside>
<script type="application/json" id="pass">${data}</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
  return folder === "" ? page : page.replaceAll(`${folder}/`, "").replaceAll(`${folder}\\`, "");
}

/** What the page's script says; `{0}` stands for what it puts in. */
function wordsOfPage(): Readonly<Record<string, string>> {
  return {
    step: t("backward {0} of {1}: {2}", "{0}", "{1}", "{2}"),
    norm: t(", gradient norm {0}", "{0}"),
    end: t("every gradient has arrived"),
    hit: t("1 node"),
    hits: t("{0} nodes", "{0}"),
  };
}

/** As a policy names a script. */
async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...digest));
}

function listOf({ groups, nodes }: ReportedGroup): string {
  const inner = groups.map(
    (group) =>
      `<li><details id="list-${group.card}"><summary>${escapeHtml(group.title)}</summary>${listOf(group)}</details></li>`,
  );
  const leaves = nodes.map(
    ({ node, name, card }) =>
      `<li id="entry-${String(node)}" data-node="${String(node)}" data-card="${card}" data-name="${escapeHtml(name)}"><button type="button">${escapeHtml(name)}</button></li>`,
  );
  return `<ul>${[...inner, ...leaves].join("")}</ul>`;
}

function sectionOf({ detail, index, rules }: ReportedNode, nameOf: Report["nameOf"]): string {
  const { site } = detail;
  const where = site ? `${fileName(site.file)}:${String(site.line)}:${String(site.column)}` : "";
  const name = [detail.op, detail.label].filter(Boolean).join(" ");
  const verdict = detail.verdict ? `<p>${escapeHtml(verdictOf(detail.verdict))}</p>` : "";
  return `<section id="about-node-${String(detail.node)}">
<h2>${escapeHtml(formatShape(detail.value.shape))} ${detail.value.dtype}</h2>
<p><b>${escapeHtml(name)}</b> ${escapeHtml(detail.scope)}<br>${escapeHtml(where)}</p>
${detail.cut ? `<p>${escapeHtml(detail.cut.text)}</p>` : ""}
${tableOf(t("Value"), detail.value)}
${detail.gradient ? tableOf(t("Gradient"), detail.gradient) : `<p>${escapeHtml(absenceOf(detail))}</p>`}
${verdict}
${chainRuleOf(detail, index, rules, nameOf)}
</section>`;
}

/** "Finite differences: fail. A term is missing." */
function verdictOf({ verdict, cause, reason }: NonNullable<NodeDetail["verdict"]>): string {
  const why = cause?.text ?? reason ?? "";
  if (verdict === "pass") return t`Finite differences agree. ${why}`;
  return verdict === "fail" ? t`Finite differences disagree. ${why}` : t`Finite differences decide nothing. ${why}`;
}

/** Why no gradient is shown. */
function absenceOf({ gradientState }: NodeDetail): string {
  return gradientState === "none" ? t("It gets no gradient.") : t("Its gradient has not arrived.");
}

/** Terms of a sum that are written out. */
const MOST_TERMS = 8;

/** The op's rule in MathML, which browsers set without fonts or styles of ours, and with numbers. */
function chainRuleOf(
  { formula }: NodeDetail,
  index: readonly number[],
  rules: readonly RuleAtElement[],
  nameOf: Report["nameOf"],
): string {
  if (!formula) return "";
  const names = inputNames(formula.forward, formula.backward.length);
  const equations = formula.backward.flatMap((tex, i) => {
    if (tex === "") return [];
    const equation = mathOf(writtenOut(backwardEquation(tex, names?.[i], i)));
    const mine = rules.filter(({ position }) => (formula.backward.length === 1 ? 0 : position) === i);
    return [`<p>${equation}</p>${mine.map((rule) => numbersOf(rule, nameOf)).join("")}`];
  });
  const title = index.length > 0 && rules.length > 0 ? t`Chain rule at [${index.join(", ")}]` : t("Chain rule");
  return `<h3>${title}</h3><p>${mathOf(forwardEquation(formula.forward))}</p>${equations.join("")}`;
}

function mathOf(tex: string): string {
  try {
    return katex.renderToString(tex, { throwOnError: true, output: "mathml", trust: false, strict: "ignore" });
  } catch {
    return `<code>${escapeHtml(tex)}</code>`;
  }
}

/** What one element of an input gets: the products, and their sum. */
function numbersOf(
  { input, index, value, sum, terms, others, othersCount }: RuleAtElement,
  nameOf: Report["nameOf"],
): string {
  const name = `${escapeHtml(nameOf(input))}${index.length > 0 ? `[${index.join(", ")}]` : ""}`;
  const shown = terms.slice(0, MOST_TERMS);
  const left = terms.slice(MOST_TERMS);
  const products = shown.map(({ factors: [upstream = NaN, local = NaN, product = NaN] }) =>
    Number.isNaN(upstream) ? formatNumber(product) : `${formatNumber(upstream)} × ${formatNumber(local)}`,
  );
  const rest = left.reduce((total, { factors }) => total + (factors[2] ?? NaN), others[0] ?? 0);
  const restCount = left.length + othersCount;
  if (restCount > 0) products.push(t`${formatNumber(rest)} (${restCount} more)`);
  const gets = products.length === 0 ? "0" : `${products.join(" + ")} = ${formatNumber(sum[0] ?? NaN)}`;
  return `<table><tr><td>${name}</td><td>= ${formatNumber(value[0] ?? NaN)}</td></tr><tr><td>${t("gets")}</td><td>${gets}</td></tr></table>`;
}

function tableOf(title: string, { statistics, elements }: TensorSummary): string {
  const at = (name: keyof typeof STATISTIC): number => statistics[STATISTIC[name]] ?? NaN;
  const rows: [string, string][] = [
    [t("norm"), formatNumber(at("norm"))],
    [t("range"), `${formatNumber(at("min"))} … ${formatNumber(at("max"))}`],
    [t("mean ± std"), `${formatNumber(at("mean"))} ± ${formatNumber(at("std"))}`],
    [t("zeros"), percentText(at("zeros") / at("count"))],
  ];
  const unusual = at("nans") + at("positiveInfinities") + at("negativeInfinities");
  if (unusual > 0) rows.push([t("NaN, Inf"), String(unusual)]);
  if (elements) rows.push([t("elements"), Array.from(elements, formatNumber).join(" ")]);
  return `<h3>${title}</h3><table>${rows.map(([name, value]) => `<tr><td>${name}</td><td>${value}</td></tr>`).join("")}</table>`;
}
