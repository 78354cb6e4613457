import { t } from "../../engine/language/translate.ts";
import type { ComparedNode } from "../../engine/protocol/comparison.ts";
import type { NodeId } from "../../engine/protocol/ids.ts";
import { SiteLink } from "../screens/screens.tsx";
import { shownComparison } from "../state/derived.ts";
import { formatNumber } from "../ui/format.ts";

/** What a node is in the pass that this one is compared with: its line there, and how far value and gradient are from here. */
export function OtherPass({ node }: { readonly node: NodeId }) {
  const found = shownComparison.value?.nodes.find(({ nodes: [here] }) => here === node);
  if (!found) return null;
  const [, site] = found.sites;
  return (
    <section>
      <h3>
        {t("The other pass")}
        <span class="spacer" />
        {site && <SiteLink site={site} />}
      </h3>
      <Differences of={found} />
    </section>
  );
}

function Differences({ of: { nodes, shapes, value, gradient, gradientMissing } }: { readonly of: ComparedNode }) {
  const [, there] = shapes;
  if (nodes[1] === null || !there) return <p class="dim">{t("It has no such op.")}</p>;
  if (there.join() !== shapes[0]?.join()) return <p>{t`There it is [${there.join(", ")}].`}</p>;
  return (
    <div class="evidence">
      <Difference title={t("Value")} of={value} />
      {gradientMissing ? (
        <>
          <span>{t("Gradient")}</span>
          <span>{t("in one alone")}</span>
          <span />
        </>
      ) : (
        <Difference title={t("Gradient")} of={gradient} />
      )}
    </div>
  );
}

/** @param of the norm of the difference over the larger norm; NaN, of which nothing is said, where it cannot be told */
function Difference({ title, of }: { readonly title: string; readonly of: number }) {
  if (Number.isNaN(of)) return null;
  return (
    <>
      <span>{title}</span>
      <span>{of === 0 ? t("same") : `Δ ${formatNumber(of)}`}</span>
      <span class="dim">{of === 0 ? "" : t("of its norm")}</span>
    </>
  );
}
