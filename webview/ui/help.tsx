import "./help.css";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../engine/language/translate.ts";
import { Legend } from "../graph/legend.tsx";
import { helpOpen } from "../state/ui.ts";
import { SHORTCUTS } from "./shortcuts.ts";

/** The keys, shown by `?`. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const open = helpOpen.value;
  useEffect(() => {
    if (!open) return dialog.current?.close();
    dialog.current?.showModal();
    // Its only button stands at the end, and a dialog is scrolled to what it gives the focus to.
    title.current?.focus();
  }, [open]);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={() => (helpOpen.value = false)}>
      <h1 id="help-title" ref={title} tabIndex={-1}>
        {t("Keyboard shortcuts")}
      </h1>
      {SHORTCUTS.map(({ where, list }) => (
        <section key={where}>
          <h2>{where}</h2>
          <dl>
            {list.flatMap(({ keys, does }) => [
              <dt key={keys}>
                <kbd>{keys}</kbd>
              </dt>,
              <dd key={`${keys}.`}>{does}</dd>,
            ])}
          </dl>
        </section>
      ))}
      <h2>{t("Colours and marks")}</h2>
      <Legend />
      <p style={{ marginTop: "12px" }}>
        <vscode-button onClick={() => (helpOpen.value = false)}>{t("Close")}</vscode-button>
      </p>
    </dialog>
  );
}
