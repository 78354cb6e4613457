import { t } from "../../engine/language/translate.ts";
import type { NodeId } from "../../engine/protocol/ids.ts";
import { drawingPng } from "../export/drawing-png.ts";
import { drawingSvg, hexOf } from "../export/drawing-svg.tsx";
import { reportHtml, type ReportedNode } from "../export/report-html.ts";
import { reportedPass } from "../export/reported-pass.ts";
import { run, saveFile } from "../state/host.ts";
import { nameOf } from "../ui/node-link.tsx";
import { announce, inspect } from "../state/partners.ts";
import * as derived from "../state/derived.ts";
import { graph } from "../state/resources.ts";
import { fileName } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";

const MOST_DETAILS = 1000;

type Format = "SVG" | "PNG" | "HTML";

/** Saves what is drawn: as a picture, or as one page with what the inspector says. */
export function ExportMenu() {
  const choose = (format: Format) => (event: MouseEvent) => {
    (event.currentTarget as Element).closest("details")?.removeAttribute("open");
    save(format).catch((error: unknown) => announce(t`the export failed: ${String(error)}`));
  };
  return (
    <details
      class="menu"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.currentTarget.removeAttribute("open");
        event.currentTarget.querySelector<HTMLElement>("summary")?.focus();
      }}
    >
      <summary class="icon-button" title={t("Export the graph")} aria-label={t("Export the graph")}>
        <Icon name="export" />
      </summary>
      <div class="items">
        <button type="button" onClick={choose("SVG")}>
          {t("SVG picture")}
        </button>
        <button type="button" onClick={choose("PNG")}>
          {t("PNG picture")}
        </button>
        <button
          type="button"
          onClick={(event) => {
            event.currentTarget.closest("details")?.removeAttribute("open");
            void run("saveRecording");
          }}
        >
          {t("Recording that can be reopened…")}
        </button>
        <button
          type="button"
          onClick={(event) => {
            event.currentTarget.closest("details")?.removeAttribute("open");
            void run("compareRecordings");
          }}
        >
          {t("Compare with another recording or pass…")}
        </button>
        <button
          type="button"
          onClick={(event) => {
            event.currentTarget.closest("details")?.removeAttribute("open");
            void run("exportPass");
          }}
        >
          {t("For Perfetto or Model Explorer…")}
        </button>
        <button type="button" onClick={choose("HTML")}>
          {t("HTML page to step through")}
        </button>
      </div>
    </details>
  );
}

async function save(format: Format): Promise<void> {
  const pass = graph.value;
  const context = derived.cardContext.value;
  if (!pass || !context) return;
  const scene = derived.scene.value;
  const svg = drawingSvg({ context, scene, colors: derived.colors.value, selected: null }, scene);
  const name = `${fileName(pass.file).replace(/\.\w+$/, "")}-pass-${String(pass.pass + 1)}`;
  if (format === "SVG") await saveFile(`${name}.svg`, new TextEncoder().encode(svg));
  else if (format === "PNG") await saveFile(`${name}.png`, await drawingPng(svg, scene.width + 48, scene.height + 48));
  else {
    const report = reportedPass(pass, scene);
    const reported: ReportedNode[] = [];
    for (const node of report.order.slice(0, MOST_DETAILS)) {
      const detail = await inspect().node(pass.pass, node as NodeId);
      const index = detail.value.shape.map(() => 0);
      // There are elements of which nothing can be said, those of an empty tensor say.
      const rules = await inspect()
        .explainRule(pass.pass, detail.node, index)
        .catch(() => []);
      reported.push({ detail, index, rules });
    }
    const style = getComputedStyle(document.body);
    const page = await reportHtml({
      title: t`${fileName(pass.file)}, pass ${String(pass.pass + 1)}`,
      svg,
      nodes: reported,
      steps: report.steps,
      start: report.start,
      root: report.root,
      folder: pass.file.replace(/[\\/][^\\/]*$/, ""),
      nameOf,
      language: document.documentElement.lang,
      background: hexOf(style.backgroundColor),
      foreground: hexOf(style.color),
      accent: hexOf(style.outlineColor),
    });
    await saveFile(`${name}.html`, new TextEncoder().encode(page));
  }
  announce(t`${format} exported`);
}
