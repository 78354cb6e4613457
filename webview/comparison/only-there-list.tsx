import "./only-there.css";
import { t } from "../../engine/language/translate.ts";
import type { PassComparison } from "../../engine/protocol/comparison.ts";
import { nodeTitle } from "../../engine/recording/graph-rows.ts";
import { titleFrom } from "../../engine/recording/node-names.ts";
import { openSite } from "../state/host.ts";
import { graph } from "../state/resources.ts";
import { count, fileName, formatShape } from "../ui/format.ts";
import { onlyThere } from "./only-there.ts";
import { NodeLink } from "../ui/node-link.tsx";

/** More are counted, not listed. */
const MOST_ROWS = 100;

/** The ops that the other pass alone has: what they are, their lines, and behind which node of this pass they would stand. */
export function OnlyThereList({ found }: { readonly found: PassComparison }) {
  const pass = graph.value;
  const nodes = onlyThere(found);
  if (nodes.length === 0 || !pass) return null;
  return (
    <details class="only-there">
      <summary>{t`${count(nodes.length, "node")} in the other pass alone`}</summary>
      <ul>
        {nodes.slice(0, MOST_ROWS).map(({ node, after }, i) => {
          const [, site] = node.sites;
          const [, shape] = node.shapes;
          return (
            <li key={i}>
              <span class="mono">
                {node.scope === "" ? "" : `${node.scope}.`}
                {titleFrom(node)} {formatShape(shape ?? [])}
              </span>
              {after !== null && <NodeLink node={after} text={t`after ${nodeTitle(pass, after)}`} />}
              {site && (
                <button type="button" class="link" onClick={() => void openSite(site)}>
                  {fileName(site.file)}:{site.line}
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {nodes.length > MOST_ROWS && <p class="dim">{t`and ${nodes.length - MOST_ROWS} more`}</p>}
    </details>
  );
}
