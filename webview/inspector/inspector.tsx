import "./inspector.css";
import { t } from "../../engine/language/translate.ts";
import type { NodeDetail } from "../../engine/protocol/inspection.ts";
import { SiteLink } from "../screens/screens.tsx";
import { compareGradient } from "../state/comparing.ts";
import * as derived from "../state/derived.ts";
import {
  chosenElement,
  explanation,
  heatMap,
  comparedElement,
  hasElements,
  shownTab,
  shownTensor,
} from "../state/detail.ts";
import { elementsOf, MOST_ELEMENTS } from "../state/lens.ts";
import { selection } from "../state/navigation.ts";
import { check, detail, graph, session, statistics, times } from "../state/resources.ts";
import { element, lensOpen, tab, tableOpen, tensor, window_ } from "../state/ui.ts";
import { isLeaf, nodeTitle } from "../../engine/recording/graph-rows.ts";
import { nameFrom } from "../../engine/recording/node-names.ts";
import { changeText } from "../../engine/recording/what-if-changes.ts";
import { bytesText } from "../../engine/recording/number-text.ts";
import { count, formatElement, formatNumber, formatShape, formatTime } from "../ui/format.ts";
import { IconButton } from "../ui/icon.tsx";
import { Mark } from "../ui/marks.tsx";
import { ChainRule } from "./chain-rule.tsx";
import { ComparedSection } from "./compared.tsx";
import { Contributions } from "./contributions.tsx";
import { CutSection } from "./cut.tsx";
import { GroupInspector } from "./group-inspector.tsx";
import { HeatMapView } from "./heat-map.tsx";
import { NumbersTable } from "./numbers-table.tsx";
import { OtherPass } from "./other-pass.tsx";
import { Statistics } from "./statistics.tsx";
import { VerdictSection } from "./verdict.tsx";
import { NodeLink } from "../ui/node-link.tsx";

/** Everything about the selected node, or the cursor's. */
export function Inspector() {
  const chosen = selection.value;
  const tree = derived.hierarchy.value;
  const of = detail.value;
  const group = chosen?.kind === "group" ? tree?.groups[chosen.group] : undefined;
  return (
    <div class="inspector" tabIndex={-1}>
      {group ? <GroupInspector group={group} /> : of ? <NodeInspector of={of} /> : <NothingYet />}
    </div>
  );
}

/** What stands there until the first node's numbers have come. */
function NothingYet() {
  const pass = graph.value;
  const node = derived.inspectedNode.value;
  if (!pass || node < 0) return null;
  const title = nodeTitle(pass, node);
  return <p class="head dim">{session.value ? t`Reading ${title}` : t("No session is running.")}</p>;
}

function NodeInspector({ of }: { readonly of: NodeDetail }) {
  const verdict = of.verdict && <VerdictSection row={of.verdict} />;
  // What is wrong is what somebody came for; what is right is told in passing.
  const isTrouble = of.verdict !== null && of.verdict.verdict !== "pass";
  return (
    <>
      <Head of={of} />
      <div class="sections">
        {isTrouble && verdict}
        {of.cut && <CutSection cut={of.cut} name={nameFrom(of)} absent={of.gradientState === "none"} />}
        <section>
          <Statistics title={t("Value")} summary={of.value} whatIf={whatIfText(of.node, "value")} />
          {of.gradient ? (
            <Statistics title={t("Gradient")} summary={of.gradient} whatIf={whatIfText(of.node, "gradient")} />
          ) : (
            of.gradientState !== "none" && (
              <div class="statistics">
                <h3>{t("Gradient")}</h3>
                <span class="dim">{t("waits for the backward pass")}</span>
              </div>
            )
          )}
          {of.accumulated && <Statistics title=".grad" summary={of.accumulated} />}
          {of.gradientState === "partial" && (
            <p class="dim">{t("Part of it: other ops that read this have yet to run.")}</p>
          )}
        </section>
        <OtherPass node={of.node} />
        <TensorSection of={of} />
        {of.compared && <ComparedSection row={of.compared} shape={of.value.shape} />}
        {!isTrouble && verdict}
        <ChainRule of={of} />
        <Contributions of={of} />
        <Saved of={of} />
      </div>
    </>
  );
}

/** Old and new of a tensor that would be another with what somebody has set. */
function whatIfText(node: number, plane: "value" | "gradient"): string | undefined {
  const change = derived.whatIfChanges.value.get(node)?.find((one) => one.plane === plane);
  return change && changeText(change);
}

/** The memory that the node keeps of its own, and, once it was asked for, the time that its op takes. */
function Cost({ node }: { readonly node: number }) {
  const bytes = statistics.value?.bytes[node] ?? 0;
  const forward = times.value?.forward[node] ?? NaN;
  const backward = times.value?.backward[node] ?? NaN;
  if (bytes === 0 && Number.isNaN(forward)) return null;
  return (
    <div class="line dim">
      {bytes > 0 && <span>{bytesText(bytes)}</span>}
      {!Number.isNaN(forward) && <span>{t`${formatTime(forward)} forward`}</span>}
      {!Number.isNaN(backward) && <span>{t`${formatTime(backward)} backward`}</span>}
    </div>
  );
}

function Head({ of }: { readonly of: NodeDetail }) {
  const pass = graph.value;
  const leaf = pass !== null && isLeaf(pass, of.node);
  const dead = statistics.value?.deadUnits[of.node] ?? 0;
  const units = of.value.shape.at(-1) ?? 0;
  return (
    <div class="head">
      <div class="shape">
        <h2>{formatShape(of.value.shape)}</h2>
        <small>{of.value.dtype}</small>
        <span class="spacer" />
        {elementsOf(of.node) > 0 && elementsOf(of.node) <= MOST_ELEMENTS && (
          <IconButton
            icon="symbol-numeric"
            name={t("Scalar lens")}
            keys="X"
            class="small"
            pressed={derived.lensIsOpen.value}
            onClick={() => (lensOpen.value = !derived.lensIsOpen.value)}
          />
        )}
        {of.verdict && (
          <span class={`verdict ${of.verdict.verdict}`}>
            <Mark kind={of.verdict.verdict} />
            {t(of.verdict.verdict)}
          </span>
        )}
      </div>
      <div class="line">
        {leaf ? <span class="dim">{of.op}</span> : <b>{of.op}</b>}
        {of.label !== "" && <span class="label">{of.label}</span>}
        {of.scope !== "" && <span class="dim">{t`in ${of.scope}`}</span>}
        <span class="spacer" />
        {of.site && <SiteLink site={of.site} />}
      </div>
      <Cost node={of.node} />
      {dead > 0 && (
        <div class="line">
          <Mark kind="zero" />
          <span>
            {dead === 1
              ? t`${dead} of ${count(units, "unit")} is 0 for the whole batch`
              : t`${dead} of ${count(units, "unit")} are 0 for the whole batch`}
          </span>
        </div>
      )}
      {of.gradientState === "none" && !of.cut && (
        <div class="line">
          <Mark kind="none" />
          <span>{t("gets no gradient")}</span>
        </div>
      )}
    </div>
  );
}

function TensorSection({ of }: { readonly of: NodeDetail }) {
  const picture = heatMap.value;
  const shown = shownTensor(of);
  const size = of.value.statistics[0] ?? 0;
  if (size <= 1) return null;
  const at = chosenElement();
  const explained = explanation.value;
  const same = explained && at && explained.index.join() === at.join();
  const analytic = same ? (explained.gradient[0] ?? NaN) : NaN;
  const compared = comparedElement.value;
  return (
    <section>
      <h3>
        <select
          class="title-select"
          aria-label={t("Tensor")}
          value={shown}
          onChange={(event) => {
            tensor.value = event.currentTarget.value as typeof tensor.value;
            window_.value = null;
          }}
        >
          {of.gradient && <option value="gradient">{t("Gradient")}</option>}
          <option value="value">{t("Value")}</option>
          {of.accumulated && <option value="accumulated">.grad</option>}
        </select>
        <span class="spacer" />
        <IconButton
          icon="table"
          name={t("Exact numbers")}
          class="small"
          pressed={tableOpen.value}
          onClick={() => (tableOpen.value = !tableOpen.value)}
        />
        {shown === "gradient" && hasElements(of) && <Tabs shown={shownTab(of)} />}
        {shown === "gradient" && !hasElements(of) && of.gradientState === "complete" && (
          <button
            type="button"
            class="link"
            title={t("Compare this gradient with finite differences")}
            disabled={check.value !== null}
            onClick={() => void compareGradient(of.pass, of.node)}
          >
            {t("compare")}
          </button>
        )}
      </h3>
      {picture === null ? null : "problem" in picture ? (
        <p class="dim text-wrap">{picture.problem}</p>
      ) : (
        <>
          <HeatMapView picture={picture} of={of}>
            {same && (
              <div>
                <span class="dim">{t("value")}</span>
                <span class="mono">{formatElement(explained.value[0] ?? NaN, of.value.dtype)}</span>
              </div>
            )}
            {same && !Number.isNaN(analytic) && of.gradient && (
              <div>
                <span class="dim">{t("analytic")}</span>
                <span class="mono">{formatNumber(analytic)}</span>
              </div>
            )}
            {compared && (
              <>
                <div>
                  <span class="dim">{t("numeric")}</span>
                  <span class="mono">{formatNumber(compared.numeric)}</span>
                </div>
                <div>
                  <span class="dim">{t("error bar")}</span>
                  <span class="mono">{formatNumber(compared.errorBar)}</span>
                </div>
              </>
            )}
          </HeatMapView>
          {tableOpen.value && <NumbersTable of={of} picture={picture} />}
        </>
      )}
    </section>
  );
}

const TABS = ["analytic", "numeric", "difference"] as const;

function Tabs({ shown }: { readonly shown: (typeof TABS)[number] }) {
  return (
    <span
      class="tabs"
      role="tablist"
      aria-label={t("Which gradient")}
      onKeyDown={(event) => {
        const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
        if (by === 0) return;
        event.preventDefault();
        const next = TABS[(TABS.indexOf(shown) + by + TABS.length) % TABS.length];
        if (!next) return;
        tab.value = next;
        event.currentTarget.querySelectorAll<HTMLElement>("button")[TABS.indexOf(next)]?.focus();
      }}
    >
      {TABS.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          aria-selected={shown === name}
          tabIndex={shown === name ? 0 : -1}
          onClick={() => {
            tab.value = name;
            element.value ??= chosenElement();
          }}
        >
          {t(name)}
        </button>
      ))}
    </span>
  );
}

function Saved({ of }: { readonly of: NodeDetail }) {
  const pass = graph.value;
  if (of.saved.length === 0 || !pass) return null;
  return (
    <section>
      <h3>{t("Saved for backward")}</h3>
      <ul class="plain">
        {of.saved.map((one, i) => (
          <li key={i}>
            <span class="mono">
              {formatShape(pass.shapes.subarray(pass.shapeStart[one.node], pass.shapeStart[one.node + 1]))}
            </span>
            {one.node === of.node ? <span>{one.name}</span> : <NodeLink node={one.node} text={one.name} />}
            <span class="spacer" />
            <span class="mono dim">{bytesText(one.bytes)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
