import { t } from "../../engine/language/translate.ts";
import type { ComparedNode } from "../../engine/protocol/comparison.ts";
import { differenceText } from "../../engine/recording/compare/difference-text.ts";
import type { Site } from "../../engine/protocol/site.ts";
import { openSite } from "../state/host.ts";
import { shownComparison } from "../state/derived.ts";
import { comparison } from "../state/resources.ts";
import { fileName } from "../ui/format.ts";
import { IconButton } from "../ui/icon.tsx";
import { Mark } from "../ui/marks.tsx";
import { OnlyThereList } from "./only-there-list.tsx";
import { summaryText, WORDS } from "./difference-text.ts";
import { NodeLink } from "../ui/node-link.tsx";

/** What a comparison of two passes found: the first difference, with its line in both sources. */
export function ComparisonNote() {
  const found = shownComparison.value;
  if (!found) return null;
  const first = found.first === null ? null : (found.nodes[found.first] ?? null);
  return (
    <>
      <div class={`headline ${first ? "warning" : "plain"}`} role="status" aria-label={t("Comparison of two passes")}>
        <Mark kind={first ? "inconclusive" : "pass"} label={first ? t("different") : t("the same")} />
        <p>
          {summaryText(found)}
          {first && t` First: ${differenceText(first, found.tolerance, WORDS) ?? ""}.`}
        </p>
        <span class="ways">
          {first && <Ways node={first} />}
          <IconButton
            icon="close"
            name={t("Close the comparison")}
            class="small"
            onClick={() => (comparison.value = null)}
          />
        </span>
      </div>
      <OnlyThereList found={found} />
    </>
  );
}

function Ways({ node: { nodes, sites } }: { readonly node: ComparedNode }) {
  const [node] = nodes;
  const [one, other] = sites;
  const places = one && other && one.file === other.file && one.line === other.line ? [one] : [one, other];
  return (
    <>
      {node !== null && <NodeLink node={node} text={t("Show in the graph")} />}
      {places
        .filter((site): site is Site => site !== null)
        .map((site) => (
          <button key={site.file + String(site.line)} type="button" class="link" onClick={() => void openSite(site)}>
            {fileName(site.file)}:{site.line}
          </button>
        ))}
    </>
  );
}
