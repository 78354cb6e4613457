import "./toast.css";
import { useEffect } from "preact/hooks";
import { t } from "../../engine/language/translate.ts";
import { SiteLink } from "../screens/screens.tsx";
import { toast } from "../state/ui.ts";
import { IconButton } from "./icon.tsx";

const SHOWN_MS = 8000;

/** What went wrong with something that was asked for, or what the engine warns of; goes away by itself. */
export function Toast() {
  const shown = toast.value;
  useEffect(() => {
    if (!shown) return;
    const timer = setTimeout(() => (toast.value = null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  if (!shown) return null;
  return (
    <div class="toast" role="alert">
      <span class="codicon codicon-warning" aria-hidden="true" />
      <span>
        {shown.message} {shown.fix} {shown.site && <SiteLink site={shown.site} />}
      </span>
      <IconButton icon="close" name={t("Hide")} class="small" onClick={() => (toast.value = null)} />
    </div>
  );
}
