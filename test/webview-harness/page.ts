import * as Comlink from "comlink";
import { ChannelEndpoint } from "../../engine/protocol/endpoint.ts";
import type { EngineEvents, SessionState } from "../../engine/protocol/engine.ts";
import { findingKey } from "../../engine/protocol/finding.ts";
import { PANEL_CHANNELS, type Panel, type PanelHost, type PanelState } from "../../engine/protocol/panel.ts";
import { buildHierarchy } from "../../webview/graph/hierarchy.ts";
import { inventedFailure, inventedFindings, inventedTrial } from "./findings.ts";
import { allNaN, computed, invented, spoiled } from "./numbers.ts";
import { SyntheticEngine } from "./synthetic-engine.ts";
import { remoteEngine } from "./remote-engine.ts";
import { inventedRanks } from "./ranks.ts";
import { inventTraining } from "./training.ts";
import type { TapeBuilder } from "./tape-builder.ts";
import * as tapes from "./tapes.ts";
import { DARK, HIGH_CONTRAST, HIGH_CONTRAST_LIGHT, LIGHT } from "./themes.ts";

/**
 * Stands in for the extension host in a plain page: `?tape=mlp&theme=dark&step=5&state=running`; `&numbers=nan`, `&numbers=infinite`;
 * `&findings=shown`, `&findings=open`, `&findings=tried`, `&findings=failed`; `&other=yes` compares with another recording.
 */
const options = new URLSearchParams(location.search);
const THEMES = {
  dark: { tokens: DARK, kind: "vscode-dark" },
  light: { tokens: LIGHT, kind: "vscode-light" },
  hc: { tokens: HIGH_CONTRAST, kind: "vscode-high-contrast" },
  "hc-light": { tokens: HIGH_CONTRAST_LIGHT, kind: "vscode-high-contrast vscode-high-contrast-light" },
};
const { tokens, kind } = THEMES[(options.get("theme") ?? "dark") as keyof typeof THEMES];
for (const [name, value] of Object.entries(tokens)) {
  document.documentElement.style.setProperty(`--vscode-${name}`, value);
}
document.body.className = kind;

function madeTape(name: string): { tape: TapeBuilder; root: number } {
  const [kind, size = ""] = name.split("-");
  switch (kind) {
    case "transformer":
      return tapes.transformerTape(Number(size));
    case "varied":
      return tapes.transformerTape(Number(size), { varied: true });
    case "lstm":
      return tapes.lstmTape();
    case "chain":
      return tapes.chainTape(Number(size));
    case "scalar":
      return tapes.scalarTape();
    case "hostile":
      return tapes.hostileTape();
    default:
      return tapes.mlpTape();
  }
}

function madeNumbers(kind: string | null) {
  if (kind === "nan") return allNaN(tape);
  if (kind === "infinite") return spoiled(tape, root, 6);
  return real ? computed(tape, root) : invented(tape);
}

const name = options.get("tape") ?? "mlp";
const { tape, root } = madeTape(name);
const real = name === "mlp" || name === "scalar";
const asked = options.get("state");
const numbers = madeNumbers(options.get("numbers"));

const loss = numbers.value(root)[0] ?? NaN;
const engine = new SyntheticEngine(tape, tape.graph(root, 2, loss), numbers, Number(options.get("step") ?? "0"));
const file = tape.file;
const site = { file, line: 11, column: 12, endLine: 11, endColumn: 20, within: "Net.forward" };
const states: Record<string, SessionState> = {
  running: { kind: "running", passes: 412, loss: 0.287, passesPerSecond: 184 },
  failed: {
    kind: "ended",
    failure: {
      kind: "shape",
      message: "matmul: inner sizes differ, [64, 784] · [128, 784]",
      site,
      fix: "Did you mean w.t()?",
    },
    cursor: null,
  },
  died: {
    kind: "ended",
    failure: {
      kind: "out-of-memory",
      message: "The engine ended: out of memory. It had reached 4.00 GB in pass 57.",
      site,
    },
    cursor: null,
  },
};
const forced = asked === null ? undefined : states[asked];
if (forced) engine.state = async () => forced;
if (asked === "died") engine.state = async () => ({ kind: "stopped", reason: "entry", cursor: engine.cursor });
/** `&inspected=late`: what the inspector asks for comes once `harness.answer()` is called. */
const answer = Promise.withResolvers<undefined>();
if (options.get("inspected") === "late") {
  const node = engine.node.bind(engine);
  engine.node = async (...of) => {
    await answer.promise;
    return node(...of);
  };
}

/** What the host would remember if every group had been opened. */
function everythingOpen(): PanelState {
  const expanded = buildHierarchy(tape.graph(root)).groups.map((group) => group.openKey);
  const sizes = { inspectorWidth: 340, graphShare: 0.56, flow: "auto", side: null } as const;
  return { file, expanded, overlay: "gradient norm", ...sizes, lens: null };
}

const toPage = (channel: string) => new ChannelEndpoint({ send: (frame) => dispatch(frame) }, channel);
const endpoints = new Map<string, ChannelEndpoint>();
const open = (channel: string): Comlink.Endpoint => {
  const endpoint = toPage(channel);
  endpoints.set(channel, endpoint);
  return endpoint;
};
function dispatch(frame: unknown): void {
  // What a message port does: a copy, and not at once.
  const copy: unknown = structuredClone(frame);
  setTimeout(() => {
    // When the page learned of it, for measurements.
    performance.mark((copy as { channel: string }).channel);
    window.dispatchEvent(new MessageEvent("message", { data: copy }));
  }, 0);
}
/** `&program=FILE`: a real engine runs it, behind the page's server. */
const program = options.get("program");
const shown = program === null ? engine : remoteEngine((cursor) => void events.cursorMoved(cursor));
Comlink.expose(shown, open(PANEL_CHANNELS.engineRequests));
const events = Comlink.wrap<EngineEvents>(open(PANEL_CHANNELS.engineEvents));
const panel = Comlink.wrap<Panel>(open(PANEL_CHANNELS.hostEvents));
engine.events = events;
/** `&training=300`: so many passes have run. */
const logged = Number(options.get("training") ?? "0");
if (logged > 0) inventTraining(engine.log, logged);
/** `&ranks=4`: so many ranks, of which the last but one waits for others. */
const ranks = Number(options.get("ranks") ?? "0");
if (ranks > 1) engine.rankStates = inventedRanks(ranks, site);
const log: string[] = [];
/** `&lesson=yes`: the file asks a question at its last op but one. */
if (options.get("lesson") !== null) {
  const asked = tape.graph(root).sites[tape.graph(root).site[root - 1] ?? 0]?.line ?? 1;
  const blank = "\n".repeat(Math.max(0, asked - 3));
  engine.source = `// Lesson 2 of 5: a neuron${blank}\n// ? What does d get?\nconst d = e.add(c);\n// = As much as e:\n// = all of it.\n`;
}
/** `&findings=shown`, `&findings=open`, `&findings=tried`, `&findings=failed` */
const wanted = options.get("findings");
const findings = wanted === null ? [] : inventedFindings(file, 2);
async function showFindings(): Promise<void> {
  if (wanted === null) return;
  await panel.findingsChanged(findings);
  if (wanted === "tried" && findings[0]) await panel.trialChanged(inventedTrial(findings[0]));
  if (wanted === "failed" && findings[0]) await panel.trialChanged(inventedFailure(findings[0]));
  if (wanted !== "shown" && findings[0]) await panel.showFinding(findingKey(findings[0]));
}
const host: PanelHost = {
  compareSteps: async () => undefined,
  async ready() {
    setTimeout(() => void showFindings(), 0);
    if (options.get("other") !== null) setTimeout(() => void panel.compareWith("other.backstep", null), 0);
    return {
      state: options.get("open") === "all" ? everythingOpen() : null,
      file: program ?? file,
      session: asked !== "empty",
      failure: null,
    };
  },
  async openSite(where) {
    log.push(`open ${where.file}:${String(where.line)}`);
  },
  async lightSites(sites) {
    log.push(`light ${sites.map(({ line }) => String(line)).join()}`);
  },
  async command(command) {
    log.push(`command ${command}`);
  },
  async saveState() {},
  async finding(action, key) {
    log.push(`finding ${action} ${key}`);
  },
  async copy(text) {
    log.push(`copy ${text}`);
  },
  async focusChanged() {},
  async saveFile(suggested, data) {
    log.push(`save ${suggested} ${String(data.length)}`);
    saved.set(suggested, data);
  },
};
const saved = new Map<string, Uint8Array>();
Comlink.expose(host, open(PANEL_CHANNELS.hostRequests));
Object.assign(window, {
  acquireVsCodeApi: () => ({
    postMessage: (frame: { channel: string; data: unknown }) => {
      const copy = structuredClone(frame);
      setTimeout(() => endpoints.get(copy.channel)?.receive(copy.data), 0);
    },
  }),
  harness: {
    log,
    saved,
    engine: shown,
    panel,
    events,
    answer: () => answer.resolve(undefined),
    died: () => events.stateChanged(states["died"] as SessionState),
  },
});
