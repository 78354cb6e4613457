import "./headline.css";
import { t } from "../../engine/language/translate.ts";
import { openSite } from "../state/host.ts";
import { headline } from "../state/headline.ts";
import { graph } from "../state/resources.ts";
import { findingsOpen } from "../state/ui.ts";
import { count } from "../ui/format.ts";
import { Mark } from "../ui/marks.tsx";
import type { Sentence } from "./sentence.ts";
import { NodeLink } from "../ui/node-link.tsx";

const MARKS = { error: "nan", warning: "inconclusive", note: "zero", plain: null } as const;

/** One sentence on what matters at this stop, with the way there. */
export function Headline() {
  const sentence = headline.value;
  if (!sentence) return null;
  const mark = MARKS[sentence.kind];
  return (
    <div class={`headline ${sentence.kind}`} role="status" aria-label={t("What matters here")}>
      {mark && <Mark kind={mark} label={t(sentence.kind)} />}
      <p>{sentence.text}</p>
      <Ways sentence={sentence} />
    </div>
  );
}

function Ways({ sentence: { kind, node, site, findings } }: { readonly sentence: Sentence }) {
  const pass = graph.value;
  const own = pass && node !== null ? (pass.sites[pass.site[node] ?? 0] ?? null) : null;
  const line = site ?? own;
  if (kind === "plain") return null;
  return (
    <span class="ways">
      {findings !== undefined && <FindingsButton count={findings} />}
      {node !== null && <NodeLink node={node} text={t("Show in the graph")} />}
      {line && (
        <button type="button" class="link" title={line.file} onClick={() => void openSite(line)}>
          {t`Go to line ${line.line}`}
        </button>
      )}
    </span>
  );
}

function FindingsButton({ count: n }: { readonly count: number }) {
  const open = findingsOpen.value;
  return (
    <button
      type="button"
      class="link"
      aria-expanded={open}
      aria-controls="findings"
      onClick={() => (findingsOpen.value = !open)}
    >
      {open ? t`Hide ${count(n, "finding")}` : t`Show ${count(n, "finding")}`}
    </button>
  );
}
