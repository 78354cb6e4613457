import { Fragment } from "preact";
import { t } from "../../engine/language/translate.ts";
import { RECORDED_DTYPES } from "../../engine/protocol/recorded-dtype.ts";
import { nameFrom } from "../../engine/recording/node-names.ts";
import { select } from "../state/selecting.ts";
import * as derived from "../state/derived.ts";
import { graph } from "../state/resources.ts";
import { element, litNodes } from "../state/ui.ts";
import { logPosition, stopAt, type LogRange } from "../ui/color-scale.ts";
import { formatElement, formatNumber, formatRounded, formatShape } from "../ui/format.ts";
import { NARROW, circleOf, hasTitle, rowOf, type PlacedTensor } from "./scalar-layout.ts";
import { elementName, indexOf } from "./scalar-steps.ts";

const SYMBOLS: Readonly<Record<string, string>> = {
  add: "+",
  sub: "−",
  mul: "×",
  div: "÷",
  neg: "−",
  pow: "xⁿ",
  square: "x²",
  sqrt: "√",
  sum: "Σ",
  matmul: "·",
  linear: "·",
  exp: "eˣ",
  sigmoid: "σ",
  log: "ln",
};

/** One tensor: its name over it, a circle for each element of an op's result, and a card with its numbers. */
export function TensorCards(props: {
  readonly one: PlacedTensor;
  readonly gradients: readonly (number | null)[];
  readonly range: LogRange;
  readonly at: number | null;
  readonly done: number;
}) {
  const { one, gradients, range, at, done } = props;
  const { tensor } = one;
  const { node } = tensor;
  const inspected = derived.inspectedNode.value === node;
  const chosen = inspected ? element.value : null;
  return (
    <>
      {hasTitle(tensor) && (
        <div class="tensor-title" style={{ left: `${String(one.x)}px`, top: `${String(one.y - 18)}px` }}>
          <span class="label">{tensor.label}</span> {tensor.isOp ? tensor.op : ""}{" "}
          <span class="mono dim">{formatShape(tensor.shape)}</span>
        </div>
      )}
      {Array.from(tensor.data, (_, i) => {
        const now = node === at && i === done;
        const middle = rowOf(one, i);
        return (
          <Fragment key={i}>
            {tensor.isOp && (
              <span
                class={`circle${now ? " next" : ""}`}
                title={tensor.op}
                style={{
                  left: `${String(circleOf(one))}px`,
                  top: `${String(middle - one.form.circle / 2)}px`,
                  minWidth: `${String(one.form.circle)}px`,
                  height: `${String(one.form.circle)}px`,
                }}
                aria-hidden="true"
              >
                {SYMBOLS[tensor.op] ?? tensor.op.slice(0, 4)}
              </span>
            )}
            <ScalarCard
              one={one}
              i={i}
              gradient={gradients[i] ?? null}
              range={range}
              now={now}
              inspected={inspected && (tensor.data.length === 1 || chosen?.join() === indexOf(tensor.shape, i).join())}
            />
          </Fragment>
        );
      })}
    </>
  );
}

function ScalarCard(props: {
  readonly one: PlacedTensor;
  readonly i: number;
  readonly gradient: number | null;
  readonly range: LogRange;
  readonly now: boolean;
  readonly inspected: boolean;
}) {
  const { one, i, gradient, range, now, inspected } = props;
  const { tensor } = one;
  const isNarrow = one.form === NARROW;
  const lit = litNodes.value.includes(tensor.node);
  const index = indexOf(tensor.shape, i);
  const name = elementName(tensor, i);
  const dtype = RECORDED_DTYPES[graph.value?.dtype[tensor.node] ?? 2] ?? "float32";
  const changes = tensor.data.length === 1 ? (derived.whatIfChanges.value.get(tensor.node) ?? []) : [];
  const changed = (plane: "value" | "gradient"): string | null => {
    const change = changes.find((one) => one.plane === plane);
    // Without zeros at their ends: both stand in the room of one number.
    return change ? `${formatRounded(change.before)}→${formatRounded(change.after)}` : null;
  };
  const [newData, newGrad] = [changed("value"), changed("gradient")];
  const data = newData ?? formatElement(tensor.data[i] ?? NaN, dtype);
  const grad =
    newGrad ?? (gradient !== null ? formatNumber(gradient) : tensor.gradientState === "none" ? t("none") : t("waits"));
  // The least there is still shows as something, zero as nothing.
  const share = gradient === null || gradient === 0 ? 0 : Math.max(0.04, logPosition(Math.abs(gradient), range));
  return (
    <button
      type="button"
      class={`scalar${now ? " next" : ""}${inspected ? " inspected" : ""}${lit ? " lit" : ""}${changes.length > 0 ? " changed" : ""}${gradient === null ? " waits" : ""}${tensor.isOp ? "" : " leaf"}${isNarrow ? " narrow" : ""}`}
      style={{
        left: `${String(one.x)}px`,
        top: `${String(one.y + i * one.form.pitch)}px`,
        width: `${String(one.form.width)}px`,
        height: `${String(one.form.height)}px`,
      }}
      // On a narrow card, whose name must be what is written there, the missing words are there to be heard alone.
      aria-label={isNarrow ? undefined : t`${name} data ${data} grad ${grad}`}
      aria-current={now ? "step" : undefined}
      title={`${name} = ${String(tensor.data[i])}${gradient === null ? "" : t`, grad ${String(gradient)}`}`}
      onClick={() => {
        select({ kind: "node", node: tensor.node });
        element.value = index;
      }}
    >
      {isNarrow && hasTitle(tensor) && <span class="spoken-only">{nameFrom(tensor)}</span>}
      <span class="label">{hasTitle(tensor) ? `[${index.join(", ")}]` : nameFrom(tensor)}</span>{" "}
      <span>
        {newData === null && <small class={isNarrow ? "spoken-only" : ""}>{t("data")}</small>} {data}
      </span>{" "}
      <span>
        {newGrad === null && <small class={isNarrow ? "spoken-only" : ""}>{t("grad")}</small>} {grad}
      </span>
      <i style={{ width: `${String(share * 100)}%`, background: `var(--g${String(stopAt(share))})` }} />
    </button>
  );
}
