import "./findings.css";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../engine/language/translate.ts";
import { findingKey, type Finding } from "../../engine/protocol/finding.ts";
import { act } from "../state/host.ts";
import { findings, graph, passes, trial } from "../state/resources.ts";
import { findingsOpen, shownFinding } from "../state/ui.ts";
import { formatNumber } from "../ui/format.ts";
import { IconButton } from "../ui/icon.tsx";
import { Mark } from "../ui/marks.tsx";
import { evidenceName } from "../../engine/recording/evidence-name.ts";
import { Sparkline } from "./sparkline.tsx";
import { Place } from "./place.tsx";
import { Trial } from "./trial.tsx";
import { NodeLink } from "../ui/node-link.tsx";

const MARKS = { error: "nan", warning: "inconclusive", note: "zero" } as const;

/** What is wrong with the training: each with its lines, its numbers, and what can be done about it. */
export function Findings({ open = findingsOpen.value }: { readonly open?: boolean }) {
  const list = findings.value;
  if (!open || list.length === 0) return null;
  return (
    <section class="findings" id="findings" aria-label={t("Findings")}>
      <header>
        <h2>{t("Findings")}</h2>
        <span class="dim">
          {t("what is wrong with the training, although its gradients are what the program asks for")}
        </span>
        <span class="spacer" />
        {graph.value && (
          <IconButton
            icon="close"
            name={t("Hide the findings")}
            class="small"
            onClick={() => (findingsOpen.value = false)}
          />
        )}
      </header>
      <ul tabIndex={0} aria-label={t("All findings")}>
        {list.map((finding) => (
          <One key={findingKey(finding)} finding={finding} />
        ))}
      </ul>
    </section>
  );
}

function One({ finding }: { readonly finding: Finding }) {
  const { rule, severity, text, site, related, evidence, fix, pass, step } = finding;
  const key = findingKey(finding);
  const item = useRef<HTMLLIElement>(null);
  const isAsked = shownFinding.value === key;
  useEffect(() => {
    if (isAsked) item.current?.scrollIntoView({ block: "nearest" });
  }, [isAsked]);
  const shown = trial.value?.key === key ? trial.value : null;
  const hasEdits = fix !== undefined && fix.edits.length > 0;
  return (
    <li ref={item} class={severity}>
      <div class="what">
        <Mark kind={MARKS[severity]} label={severity} />
        <div>
          <p>{text}</p>
          <p class="places">
            <code>{rule}</code>
            {site && <Place site={site} />}
            {step !== null && pass === graph.value?.pass && <NodeLink node={step} text={t("Show in the graph")} />}
            <button type="button" class="link" onClick={() => void act("explain", key)}>
              {t("Why is this a fault?")}
            </button>
          </p>
          {related.map((one) => (
            <p key={one.text} class="places">
              <span class="dim">{one.text}:</span> <Place site={one.site} />
            </p>
          ))}
          {fix && (
            <p class="fix">
              <span>{fix.text}</span>
              {hasEdits && (
                <button type="button" class="link" onClick={() => void act("apply", key)}>
                  {t("Edit the file")}
                </button>
              )}
              {hasEdits && shown?.kind !== "running" && (
                <button type="button" class="link" onClick={() => void act("try", key)}>
                  {t("Try it without editing")}
                </button>
              )}
            </p>
          )}
          {shown && <Trial trial={shown} />}
        </div>
      </div>
      <Evidence evidence={evidence} pass={pass} />
    </li>
  );
}

/** The numbers that a finding argues from, and the course of the loss. */
function Evidence({ evidence, pass }: Pick<Finding, "evidence" | "pass">) {
  const list = passes.value.filter(({ kind, loss }) => kind === "backward" && loss !== null);
  const at = pass === null ? -1 : list.findIndex((one) => one.pass === pass);
  const numbers = Object.entries(evidence);
  const losses = list.map(({ loss }) => loss ?? Number.NaN);
  const [first, last] = [losses[0] ?? Number.NaN, losses.at(-1) ?? Number.NaN];
  return (
    <div class="evidence-of">
      {losses.length >= 3 && (
        <figure>
          <Sparkline
            values={losses}
            at={at < 0 ? null : at}
            label={t`Loss over ${String(losses.length)} passes, from ${formatNumber(first)} to ${formatNumber(last)}`}
          />
          <figcaption class="dim">{t`loss ${formatNumber(first)} → ${formatNumber(last)}`}</figcaption>
        </figure>
      )}
      {numbers.length > 0 && (
        <dl>
          {numbers.map(([name, value]) => (
            <div key={name}>
              <dt>{t(evidenceName(name))}</dt>
              <dd class="mono">{Number.isInteger(value) ? String(value) : formatNumber(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
