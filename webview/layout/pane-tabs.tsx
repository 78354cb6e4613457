import "./pane-tabs.css";
import { t } from "../../engine/language/translate.ts";
import { shownPane } from "../state/ui.ts";

const TABS = [
  { pane: "graph", name: t("Graph") },
  { pane: "inspector", name: t("Inspector") },
] as const;

/** Where there is room for one pane only: which. */
export function PaneTabs() {
  const choose = (pane: "graph" | "inspector", tabs: HTMLElement): void => {
    shownPane.value = pane;
    tabs.querySelector<HTMLElement>(`[data-pane=${pane}]`)?.focus();
  };
  return (
    <nav class="pane-tabs" aria-label={t("Panes")}>
      <div
        role="tablist"
        aria-label={t("Pane")}
        onKeyDown={(event) => {
          if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
          event.preventDefault();
          choose(shownPane.value === "graph" ? "inspector" : "graph", event.currentTarget);
        }}
      >
        {TABS.map(({ pane, name }) => (
          <button
            key={pane}
            type="button"
            role="tab"
            data-pane={pane}
            aria-selected={shownPane.value === pane}
            tabIndex={shownPane.value === pane ? 0 : -1}
            onClick={() => (shownPane.value = pane)}
          >
            {name}
          </button>
        ))}
      </div>
    </nav>
  );
}
