import "./scalar-lens.css";
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { t } from "../../engine/language/translate.ts";
import type { ScalarGraph } from "../../engine/protocol/scalars.ts";
import * as derived from "../state/derived.ts";
import { elementsDone, scalars, stepElement } from "../state/lens.ts";
import { lensOpen } from "../state/ui.ts";
import { statistics } from "../state/resources.ts";
import { decadesOf } from "../ui/color-scale.ts";
import { IconButton } from "../ui/icon.tsx";
import { NextTerms } from "./next-terms.tsx";
import { TensorCards } from "./scalar-card.tsx";
import { layOutScalars, NARROW, WIDE } from "./scalar-layout.ts";
import { ScalarLines } from "./scalar-lines.tsx";
import { elementSteps, gradientsWithin, termsOf } from "./scalar-steps.ts";

/** Made smaller than this, numbers cannot be read: the drawing is scrolled instead. */
const SMALLEST = 0.82;

/** Small tensors as scalar nodes, `data | grad`, one multiplication at a time. Lies over the graph. */
export function ScalarLens() {
  const region = useRef<HTMLElement>(null);
  const shown = scalars.value;
  useEffect(() => {
    // What lies under the lens can be neither seen nor reached.
    const under = document.querySelector("main.graph");
    under?.setAttribute("inert", "");
    // What opens by itself leaves the keyboard where it is.
    if (lensOpen.peek() === true) region.current?.focus();
    return () => under?.removeAttribute("inert");
  }, []);
  const steps = shown && "graph" in shown && shown.at !== null ? elementSteps(shown.graph, shown.at) : 1;
  return (
    <main
      ref={region}
      class="lens"
      aria-label={t("Scalar lens")}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === "Escape") lensOpen.value = false;
        else if (event.key === "]") stepElement(1);
        else if (event.key === "[") stepElement(-1);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <header>
        <h2>{t("Scalar lens")}</h2>
        <span class="dim">{t("data | grad, one multiplication at a time")}</span>
        <span class="spacer" />
        {steps > 1 && <span class="mono dim">{t`element ${elementsDone.value + 1} of ${steps}`}</span>}
        <IconButton icon="arrow-left" name={t("Back by an element")} keys="[" onClick={() => stepElement(-1)} />
        <IconButton icon="arrow-right" name={t("Pass on the next element")} keys="]" onClick={() => stepElement(1)} />
        <IconButton
          icon="close"
          name={t("Close the scalar lens")}
          keys="Escape"
          onClick={() => (lensOpen.value = false)}
        />
      </header>
      {shown === null ? null : "problem" in shown ? (
        <p class="dim lens-problem">{shown.problem}.</p>
      ) : (
        <Scalars shown={shown.graph} at={shown.at} />
      )}
    </main>
  );
}

function Scalars({ shown, at }: { readonly shown: ScalarGraph; readonly at: number | null }) {
  // The same tensors keep their places, whatever their gradients.
  const key = shown.tensors.map((one) => one.node).join();
  const wide = useMemo(() => layOutScalars(shown, WIDE), [key, shown.pass]);
  const narrow = useMemo(() => layOutScalars(shown, NARROW), [key, shown.pass]);
  const down = useMemo(() => layOutScalars(shown, NARROW, "down"), [key, shown.pass]);
  const done = elementsDone.value;
  const gradients = gradientsWithin(shown, at, done);
  const range = decadesOf(statistics.value?.gradNorm ?? []);
  const next = at === null ? [] : termsOf(shown, at, done);
  const scroller = useRef<HTMLDivElement>(null);
  const room = useSignal(0);
  useEffect(() => {
    const at = scroller.current;
    if (!at) return;
    const watch = new ResizeObserver(() => (room.value = at.clientWidth));
    watch.observe(at);
    return () => watch.disconnect();
  }, []);
  const fits = [wide, narrow, down].find(({ width }) => room.value >= SMALLEST * width);
  const layout = room.value === 0 ? wide : (fits ?? (down.width < narrow.width ? down : narrow));
  const zoom = room.value === 0 ? 1 : Math.max(SMALLEST, Math.min(1, room.value / layout.width));
  useEffect(() => {
    scroller.current
      ?.querySelector(".scalar.next, .scalar.inspected")
      ?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [key, layout, at, done, derived.inspectedNode.value]);
  const tensors = shown.tensors.flatMap((tensor) => layout.placed.get(tensor.node) ?? []);
  return (
    <>
      <div class="scalars" ref={scroller} tabIndex={0} role="group" aria-label={t("Scalars")}>
        <div
          style={{
            position: "relative",
            flex: "none",
            margin: "auto",
            width: `${String(layout.width)}px`,
            height: `${String(layout.height)}px`,
            zoom: String(zoom),
          }}
        >
          <ScalarLines shown={shown} at={at} done={done} {...layout} />
          {tensors.map((one) => (
            <TensorCards
              key={one.tensor.node}
              one={one}
              gradients={gradients.get(one.tensor.node) ?? []}
              range={range}
              at={at}
              done={done}
            />
          ))}
        </div>
      </div>
      <footer aria-live="off">
        <NextTerms shown={shown} terms={next} at={at} />
        {next.length > 0 && (
          <p class="dim">
            <kbd>]</kbd> {t("passes that on,")} <kbd>[</kbd> {t("takes it back,")} <kbd>Escape</kbd>{" "}
            {t("shows the graph")}
          </p>
        )}
        {shown.more && <p class="dim">{t("Larger tensors, and what is further away, are not shown.")}</p>}
      </footer>
    </>
  );
}
