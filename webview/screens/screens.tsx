import "./screens.css";
import { t } from "../../engine/language/translate.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import { PYTHON_EXTENSION } from "../../engine/protocol/model-file.ts";
import { isDeath } from "./death.ts";
import { isRecording } from "../state/derived.ts";
import { openSite, run } from "../state/host.ts";
import { failure, file, losses, output, session, sessionState } from "../state/resources.ts";
import { helpOpen } from "../state/ui.ts";
import { fileName, formatNumber } from "../ui/format.ts";
import { Mark } from "../ui/marks.tsx";

/** What stands where the graph would be, while there is none. */
export function Screen() {
  const state = sessionState.value;
  const failed = failure.value;
  return (
    <main class="screen">
      {failed ? <Failed failure={failed} /> : state.kind === "running" || session.value ? <Running /> : <Empty />}
    </main>
  );
}

function Empty() {
  return (
    <div class="pane">
      <h1>{t("No pass recorded yet")}</h1>
      <p>
        {t("Backstep runs a model file and stops at its first")} <code>backward()</code>
        {t(". From there you walk the gradients node by node, in either direction.")}
      </p>
      <div class="row">
        <vscode-button onClick={() => void run("debugGradients")}>{t("Debug Gradients")}</vscode-button>
        {file.value && <span class="dim text-wrap">{fileName(file.value)}</span>}
        <span class="spacer" />
        <span class="mono dim">F5</span>
      </div>
      <p style={{ marginTop: "16px" }}>
        <button type="button" class="link" onClick={() => void run("openExamples")}>
          {t("Open an example")}
        </button>
      </p>
      <p>
        <button type="button" class="link" onClick={() => (helpOpen.value = true)}>
          {t("Keyboard shortcuts")}
        </button>
      </p>
    </div>
  );
}

function Running() {
  const state = sessionState.value;
  const running = state.kind === "running" ? state : null;
  const name = file.value ? fileName(file.value) : t("the file");
  const runs = !isRecording.value && (running !== null || state.kind === "idle");
  const title = runs ? t`Running ${name}` : t`Reading ${name}`;
  return (
    <div class="pane">
      <div class="indeterminate" role="progressbar" aria-label={title}>
        <i />
      </div>
      <h1>{title}</h1>
      {running && (
        <div class="facts">
          <span class="name">{t("passes")}</span>
          <span>{running.passes}</span>
          <span class="dim">{running.passesPerSecond > 0 ? `${formatNumber(running.passesPerSecond)} /s` : ""}</span>
          <span class="name">{t("loss")}</span>
          <span>{running.loss === null ? "–" : formatNumber(running.loss)}</span>
          <Losses />
        </div>
      )}
      <Output />
      <div class="row">
        {!isRecording.value && <vscode-button onClick={() => void run("pause")}>{t("Pause")}</vscode-button>}
        <vscode-button appearance="secondary" onClick={() => void run("stop")}>
          {t("Stop")}
        </vscode-button>
      </div>
    </div>
  );
}

function Losses() {
  const list = losses.value.filter(Number.isFinite);
  if (list.length < 2) return <span />;
  const low = Math.min(...list);
  const high = Math.max(...list);
  const points = list.map((loss, i) => {
    const x = (i / (list.length - 1)) * 88;
    const y = high === low ? 9 : 16 - ((loss - low) / (high - low)) * 14;
    return `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return (
    <svg width="88" height="18" role="img" aria-label={t("Loss of the last passes")}>
      <path d={points.join("")} fill="none" stroke="var(--accent)" stroke-width="1.25" />
    </svg>
  );
}

/** The last lines that the file printed. */
function Output() {
  const { lines, dropped } = output.value;
  if (lines.length === 0) return null;
  return (
    <pre class="block" tabIndex={0} aria-label={t("Output of the file")}>
      {lines
        .slice(-8)
        .map((line) => line.text.trimEnd())
        .join("\n")}
      {dropped > 0 && t`\n(${String(dropped)} lines dropped)`}
    </pre>
  );
}

export function Failed({ failure: failed }: { readonly failure: Failure }) {
  const dead = isDeath(failed);
  const asksForPython = failed.kind === "environment" && file.value?.endsWith(PYTHON_EXTENSION) === true;
  const [title = "", ...rest] = failed.message.split("\n");
  return (
    <div class="pane" role="alert">
      <h1>
        <Mark kind="fail" label={t("Failed")} />
        <span>{failed.kind === "no-backward" ? t("The file never called backward()") : title}</span>
      </h1>
      {failed.kind === "no-backward" && <p>{t("It ran to its end, so there is no pass to look at.")}</p>}
      {rest.length > 0 && <pre class="block">{rest.join("\n")}</pre>}
      {failed.fix && <p>{failed.fix}</p>}
      {failed.site && (
        <p>
          <SiteLink site={failed.site} />
          {failed.site.within && <span class="dim"> {t`in ${failed.site.within}`}</span>}
        </p>
      )}
      {(failed.frames ?? []).slice(failed.site ? 1 : 0, 8).map((frame, i) => (
        <p key={i}>
          <SiteLink site={frame.site} /> <span class="dim">{t`in ${frame.name}`}</span>
        </p>
      ))}
      {(failed.related ?? []).map((other, i) => (
        <p key={i}>
          {other.message} <SiteLink site={other.site} />
        </p>
      ))}
      {dead && <p class="dim">{t("The editor and your files are not affected.")}</p>}
      <Output />
      <div class="row">
        {asksForPython && <vscode-button onClick={() => void run("choosePython")}>{t("Choose Python…")}</vscode-button>}
        <vscode-button
          {...(asksForPython && { appearance: "secondary" })}
          onClick={() => void run(session.value ? "restart" : "debugGradients")}
        >
          {t("Run Again")}
        </vscode-button>
        <vscode-button appearance="secondary" onClick={() => void run("showOutput")}>
          {t("Show Output")}
        </vscode-button>
      </div>
    </div>
  );
}

export function SiteLink({ site }: { readonly site: NonNullable<Failure["site"]> }) {
  return (
    <button type="button" class="link" title={site.file} onClick={() => void openSite(site)}>
      {fileName(site.file)}:{site.line}:{site.column}
    </button>
  );
}
