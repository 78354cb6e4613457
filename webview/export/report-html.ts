import { STATISTIC, type NodeDetail, type TensorSummary } from "../../engine/protocol/inspection.ts";
import { formatNumber, formatPercent, formatShape } from "../ui/format.ts";

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${String(letter.charCodeAt(0))};`);
}

export interface Report {
  readonly title: string;
  readonly svg: string;
  readonly details: readonly NodeDetail[];
  readonly background: string;
  readonly foreground: string;
  readonly accent: string;
}

/** One HTML file that needs nothing else: the drawing, and what the inspector said of each of its nodes. */
export function reportHtml({ title, svg, details, background, foreground, accent }: Report): string {
  const sections = details.map(sectionOf).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<style>
body { margin: 0; display: grid; grid-template-columns: 1fr 360px; height: 100vh; font: 13px/18px system-ui, sans-serif; background: ${background}; color: ${foreground}; }
main { overflow: auto; } aside { overflow: auto; padding: 12px 16px; border-left: 1px solid ${foreground}44; }
section { display: none; } section:target, section.shown { display: block; }
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

function sectionOf(detail: NodeDetail): string {
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
</section>`;
}

function tableOf(title: string, { statistics, elements }: TensorSummary): string {
  const at = (name: keyof typeof STATISTIC): number => statistics[STATISTIC[name]] ?? NaN;
  const rows: [string, string][] = [
    ["norm", formatNumber(at("norm"))],
    ["range", `${formatNumber(at("min"))} … ${formatNumber(at("max"))}`],
    ["mean ± std", `${formatNumber(at("mean"))} ± ${formatNumber(at("std"))}`],
    ["zeros", formatPercent(at("zeros") / at("count"))],
  ];
  const unusual = at("nans") + at("positiveInfinities") + at("negativeInfinities");
  if (unusual > 0) rows.push(["NaN, Inf", String(unusual)]);
  if (elements) rows.push(["elements", Array.from(elements, formatNumber).join(" ")]);
  return `<h3>${title}</h3><table>${rows.map(([name, value]) => `<tr><td>${name}</td><td>${value}</td></tr>`).join("")}</table>`;
}
