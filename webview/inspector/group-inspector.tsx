import { t } from "../../engine/language/translate.ts";
import type { Overlay } from "../graph/overlay.ts";
import { groupOfItem, isGroupItem, type Group } from "../graph/group.ts";
import { goTo, selectItem, toggleGroup } from "../state/selecting.ts";
import { showInstance } from "../state/instances.ts";
import * as derived from "../state/derived.ts";
import { expanded, instances } from "../state/navigation.ts";
import { graph } from "../state/resources.ts";
import { stopAt } from "../ui/color-scale.ts";
import { count, formatNumber, formatShape } from "../ui/format.ts";
import { nodeTitle } from "../../engine/recording/graph-rows.ts";
import { nodeState } from "../graph/progress.ts";

const MOST_ROWS = 120;

/** A group: what is in it, with the gradients that have arrived; of a repetition, the norms over its instances. */
export function GroupInspector({ group }: { readonly group: Group }) {
  const pass = graph.value;
  const open = expanded.value.has(group.openKey);
  if (!pass) return null;
  const output = group.lastNode;
  const shape =
    output < 0 ? "" : formatShape(pass.shapes.subarray(pass.shapeStart[output], pass.shapeStart[output + 1]));
  return (
    <>
      <div class="head">
        <div class="shape">
          <h2>{group.title}</h2>
          <small>{group.subtitle}</small>
        </div>
        <div class="line">
          <span>{count(group.opCount, "op")}</span>
          <span>{count(group.parameterCount, "parameter")}</span>
          <span class="mono dim">{shape}</span>
          <span class="spacer" />
          <button type="button" class="link" onClick={() => toggleGroup(group.index)}>
            {open ? t("Close") : t("Open")}
          </button>
        </div>
      </div>
      {group.instances.length > 0 && <Instances group={group} />}
      <section>
        <h3>{t("Inside")}</h3>
        <ul class="plain">
          {(group.instances.length > 0 ? [] : group.children).slice(0, MOST_ROWS).map((item) => (
            <Row key={item} item={item} among={group.children} />
          ))}
          {group.children.length > MOST_ROWS && <li class="dim">{t`${group.children.length - MOST_ROWS} more`}</li>}
        </ul>
      </section>
    </>
  );
}

/** @param among what else is listed: several of one name are told apart by their number */
function Row({ item, among }: { readonly item: number; readonly among: readonly number[] }) {
  const pass = graph.value;
  const tree = derived.hierarchy.value;
  const order = derived.schedule.value;
  if (!pass || !tree || !order) return null;
  const group = isGroupItem(item) ? tree.groups[groupOfItem(item)] : undefined;
  const node = group ? group.lastNode : item;
  const overlay = derived.overlay.value;
  const value = group ? derived.groupNumber.value(group) : overlay.value(node);
  const done = node >= 0 && nodeState(order, node, derived.position.value) === "done";
  const name = rowName(item);
  const alike = among.filter((other) => rowName(other) === name);
  return (
    <li>
      <button
        type="button"
        class="link"
        onClick={() => {
          if (group) selectItem(item);
          else goTo(item);
        }}
      >
        {alike.length > 1 ? `${name} [${String(alike.indexOf(item))}]` : name}
      </button>
      <span class="spacer" />
      <span class={done ? "mono" : "mono dim"}>{rowText(value, done, overlay)}</span>
    </li>
  );
}

function rowName(item: number): string {
  const pass = graph.value;
  if (!pass) return "";
  if (!isGroupItem(item)) return nodeTitle(pass, item);
  const group = derived.hierarchy.value?.groups[groupOfItem(item)];
  return group ? `${group.title} ${group.subtitle}`.trim() : "";
}

function rowText(value: number, done: boolean, { needsGradient, ofGroup, format }: Overlay): string {
  if (needsGradient && !done) return "waits";
  if (Number.isNaN(value)) return needsGradient ? "waits" : "";
  return ofGroup === "sum" ? format(value) : formatNumber(value);
}

/** Numbers of the instances as bars; a click shows that instance. */
function Instances({ group }: { readonly group: Group }) {
  const tree = derived.hierarchy.value;
  if (!tree) return null;
  const shown = instances.value.get(group.openKey) ?? 0;
  const { position } = derived.overlay.value;
  const numberOf = derived.groupNumber.value;
  const total = group.instances.length;
  const width = 312;
  const pitch = width / total;
  const norms = group.instances.map((one) => {
    const instance = tree.groups[one];
    return instance ? numberOf(instance) : NaN;
  });
  const move = (to: number): void => showInstance(group.openKey, to, total);
  return (
    <section>
      <h3>
        {t("Instances")}
        <span class="spacer" />
        <span class="mono dim">{t`t = ${shown} of ${total}`}</span>
      </h3>
      <svg
        class="instances"
        width="100%"
        height="48"
        viewBox={`0 0 ${String(width)} 48`}
        preserveAspectRatio="none"
        tabindex={0}
        role="slider"
        aria-label={t`Instance of ${group.title}`}
        aria-valuemin={0}
        aria-valuemax={total - 1}
        aria-valuenow={shown}
        aria-valuetext={`${String(shown)}: ${formatNumber(norms[shown] ?? NaN)}`}
        onClick={(event) => {
          const bounds = event.currentTarget.getBoundingClientRect();
          move(Math.floor(((event.clientX - bounds.left) / bounds.width) * total));
        }}
        onKeyDown={(event) => {
          const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
          if (by === 0) return;
          event.preventDefault();
          move(shown + by);
        }}
      >
        {norms.map((norm, i) => {
          const height = Number.isNaN(norm) ? 2 : 4 + position(norm) * 38;
          return (
            <rect
              key={i}
              x={i * pitch}
              y={46 - height}
              width={Math.max(0.5, pitch - (pitch > 4 ? 2 : 0))}
              height={height}
              fill={Number.isNaN(norm) ? "var(--map-wait)" : `var(--g${String(stopAt(position(norm)))})`}
              stroke={i === shown ? "var(--accent)" : "none"}
              stroke-width={2}
            />
          );
        })}
      </svg>
      <p class="dim">
        {t`gradient norm from ${formatNumber(norms.at(-1) ?? NaN)} to ${formatNumber(norms[0] ?? NaN)}`}
      </p>
    </section>
  );
}
