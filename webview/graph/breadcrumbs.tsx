import { Fragment } from "preact";
import { t } from "../../engine/language/translate.ts";
import { isLeaf, labelOf, opOf } from "../../engine/recording/graph-rows.ts";
import { scopeTitle } from "./group.ts";
import { select, show } from "../state/selecting.ts";
import * as derived from "../state/derived.ts";
import { graph } from "../state/resources.ts";
import { selection } from "../state/navigation.ts";
import { fileName } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";

/** File › pass › module › … › node: where the inspected node stands. */
export function Breadcrumbs() {
  const pass = graph.value;
  const tree = derived.hierarchy.value;
  if (!pass || !tree) return null;
  const chosen = selection.value;
  const node = derived.inspectedNode.value;
  const parts: { readonly text: string; readonly group: number }[] = [];
  let scope = node >= 0 ? (pass.scope[node] ?? -1) : -1;
  for (; scope >= 0; scope = pass.scopes[scope]?.parent ?? -1) {
    const one = pass.scopes[scope];
    if (one)
      parts.unshift({ text: one.parent < 0 && one.kind === "module" ? one.type : scopeTitle(one), group: scope + 1 });
  }
  if (chosen?.kind === "group") {
    const group = tree.groups[chosen.group];
    if (group) parts.push({ text: group.title, group: group.index });
  }
  const leaf = node >= 0 && isLeaf(pass, node);
  const label = node >= 0 ? labelOf(pass, node) : "";
  const last = node < 0 ? [] : [[leaf ? "" : opOf(pass, node), label].join(" ").trim()];
  const whole = [fileName(pass.file), t`pass ${pass.pass + 1}`, ...parts.map(({ text }) => text), ...last].join(" › ");
  return (
    <nav class="crumbs" aria-label={t("Where this node stands")} title={whole}>
      <bdi>
        <span>{fileName(pass.file)}</span>
        <Icon name="chevron-right" />
        <span>{t`pass ${pass.pass + 1}`}</span>
        {parts.map((part, i) => (
          <Fragment key={i}>
            <Icon name="chevron-right" />
            <button
              type="button"
              onClick={() => {
                const item = -1 - part.group;
                if (!derived.scene.value.byItem.has(item)) return;
                select({ kind: "group", group: part.group });
                show(item);
              }}
            >
              {part.text}
            </button>
          </Fragment>
        ))}
        {node >= 0 && (
          <>
            <Icon name="chevron-right" />
            {!leaf && <b>{opOf(pass, node)}</b>}
            {label !== "" && (
              <span class="label" style={leaf ? {} : { marginLeft: "4px" }}>
                {label}
              </span>
            )}
          </>
        )}
      </bdi>
    </nav>
  );
}
