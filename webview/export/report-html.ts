import katex from "katex";
import {
  STATISTIC,
  type NodeDetail,
  type RuleAtElement,
  type TensorSummary,
} from "../../engine/protocol/inspection.ts";
import { backwardEquation, forwardEquation, inputNames, writtenOut } from "../inspector/input-names.ts";
import { percentText } from "../../engine/recording/number-text.ts";
import { formatNumber, formatShape } from "../ui/format.ts";

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

export interface Report {
  readonly title: string;
  readonly svg: string;
  readonly nodes: readonly ReportedNode[];
  readonly nameOf: (node: number) => string;
  readonly background: string;
  readonly foreground: string;
  readonly accent: string;
}

/** One HTML file that needs nothing else: the drawing, and what the inspector said of each of its nodes. */
export function reportHtml({ title, svg, nodes, nameOf, background, foreground, accent }: Report): string {
  const sections = nodes.map((node) => sectionOf(node, nameOf)).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<style>
body { margin: 0; display: grid; grid-template-columns: 1fr 360px; height: 100vh; font: 13px/18px system-ui, sans-serif; background: ${background}; color: ${foreground}; }
main { overflow: auto; } aside { overflow: auto; padding: 12px 16px; border-left: 1px solid ${foreground}44; }
aside:has(.shown) > p { display: none; } section { display: none; } section:target, section.shown { display: block; }
h1 { font-size: 14px; } h2 { font: 600 16px/22px monospace; margin: 12px 0 4px; } table { border-collapse: collapse; }
td { padding: 0 12px 0 0; font: 12px/18px monospace; } td:first-child { font-family: system-ui, sans-serif; opacity: .8; }
[role=treeitem] { cursor: pointer; } [role=treeitem]:focus { outline: 2px solid ${accent}; }
</style>
</head>
<body>
<main>${svg}</main>
<aside aria-label="Inspector"><h1>${escapeHtml(title)}</h1><p>Choose a node.</p>
${sections}
</aside>
<script>
for (const card of document.querySelectorAll('[id^="node-"]')) {
  const show = () => {
    document.querySelector("section.shown")?.classList.remove("shown");
    document.getElementById("about-" + card.id)?.classList.add("shown");
  };
  card.setAttribute("tabindex", "0");
  card.addEventListener("click", show);
  card.addEventListener("focus", show);
}
</script>
</body>
</html>
`;
}

function sectionOf({ detail, index, rules }: ReportedNode, nameOf: Report["nameOf"]): string {
  const { site } = detail;
  const where = site ? `${site.file}:${String(site.line)}:${String(site.column)}` : "";
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
