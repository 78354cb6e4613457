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
  readonly background: string;
  readonly foreground: string;
  readonly accent: string;
}

/**
 * One HTML file that needs nothing else: the drawing, stepped and searched, its groups as a list that opens, and what the
 * inspector said of each node. Its own policy lets no other script run than its one, and nothing be loaded.
 */
export async function reportHtml(report: Report): Promise<string> {
  const { title, svg, nodes, steps, start, root, nameOf, folder, background, foreground, accent } = report;
  const sections = nodes.map((node) => sectionOf(node, nameOf)).join("\n");
  const data = JSON.stringify({ steps, start }).replaceAll("<", "\\u003c");
  const policy = `default-src 'none'; script-src 'sha256-${await sha256(PAGE_SCRIPT)}'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`;
  const page = `<!doctype html>
<html lang="en">
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
<span><button id="first" type="button" aria-label="To the start">⏮</button> <button id="back" type="button" aria-label="Step back">◀</button>
<button id="on" type="button" aria-label="Step">▶</button> <button id="last" type="button" aria-label="To the end">⏭</button></span>
<span id="status" role="status"></span>
<input id="search" type="search" placeholder="Search nodes" aria-label="Search nodes"> <span id="hits" role="status"></span></header>
<nav aria-label="Nodes by group">${listOf(root)}</nav>
<main tabindex="0" aria-label="Graph">${svg}</main>
<aside aria-label="Inspector"><p>Choose a node.</p>
${sections}
</aside>
<script type="application/json" id="pass">${data}</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
  return folder === "" ? page : page.replaceAll(`${folder}/`, "").replaceAll(`${folder}\\`, "");
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
  const verdict = detail.verdict
    ? `<p>Finite differences: ${detail.verdict.verdict}. ${escapeHtml(detail.verdict.cause?.text ?? detail.verdict.reason ?? "")}</p>`
    : "";
  return `<section id="about-node-${String(detail.node)}">
<h2>${escapeHtml(formatShape(detail.value.shape))} ${detail.value.dtype}</h2>
<p><b>${escapeHtml(name)}</b> ${escapeHtml(detail.scope)}<br>${escapeHtml(where)}</p>
${detail.cut ? `<p>${escapeHtml(detail.cut.text)}</p>` : ""}
${tableOf("Value", detail.value)}
${detail.gradient ? tableOf("Gradient", detail.gradient) : `<p>gradient: ${detail.gradientState}</p>`}
${verdict}
${chainRuleOf(detail, index, rules, nameOf)}
</section>`;
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
  const at = index.length > 0 && rules.length > 0 ? ` at [${index.join(", ")}]` : "";
  return `<h3>Chain rule${at}</h3><p>${mathOf(forwardEquation(formula.forward))}</p>${equations.join("")}`;
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
  if (restCount > 0) products.push(`${formatNumber(rest)} (${String(restCount)} more)`);
  const gets = products.length === 0 ? "0" : `${products.join(" + ")} = ${formatNumber(sum[0] ?? NaN)}`;
  return `<table><tr><td>${name}</td><td>= ${formatNumber(value[0] ?? NaN)}</td></tr><tr><td>gets</td><td>${gets}</td></tr></table>`;
}

function tableOf(title: string, { statistics, elements }: TensorSummary): string {
  const at = (name: keyof typeof STATISTIC): number => statistics[STATISTIC[name]] ?? NaN;
  const rows: [string, string][] = [
    ["norm", formatNumber(at("norm"))],
    ["range", `${formatNumber(at("min"))} … ${formatNumber(at("max"))}`],
    ["mean ± std", `${formatNumber(at("mean"))} ± ${formatNumber(at("std"))}`],
    ["zeros", percentText(at("zeros") / at("count"))],
  ];
  const unusual = at("nans") + at("positiveInfinities") + at("negativeInfinities");
  if (unusual > 0) rows.push(["NaN, Inf", String(unusual)]);
  if (elements) rows.push(["elements", Array.from(elements, formatNumber).join(" ")]);
  return `<h3>${title}</h3><table>${rows.map(([name, value]) => `<tr><td>${name}</td><td>${value}</td></tr>`).join("")}</table>`;
}
