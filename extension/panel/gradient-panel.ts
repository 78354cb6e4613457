import { randomBytes } from "node:crypto";
import path from "node:path";
import * as comlink from "comlink";
import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { CheckMode } from "../../engine/protocol/check.ts";
import { EVENTS, REQUESTS, type ChannelFrame } from "../../engine/protocol/channel.ts";
import { ChannelEndpoint } from "../../engine/protocol/endpoint.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import type { Finding, FindingAction, FixTrial } from "../../engine/protocol/finding.ts";
import type { NodeId, PassId } from "../../engine/protocol/ids.ts";
import { PANEL_CHANNELS, type Panel, type PanelCommand, type PanelHost } from "../../engine/protocol/panel.ts";
import type { Site } from "../../engine/protocol/site.ts";
import type { Relay } from "../../engine/client/engine-connection.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import type { Disposable } from "../session/signal.ts";
import { panelHtml } from "./panel-html.ts";
import { loadPanelState, savePanelState } from "./panel-state.ts";

export const PANEL_VIEW_TYPE = "backstep.panel";

export interface PanelOptions {
  readonly context: vscode.ExtensionContext;
  readonly file: string;
  /** What the panel is drawn into. */
  readonly view: vscode.WebviewPanel;
  readonly openSite: (panel: GradientPanel, site: Site) => Promise<void>;
  readonly lightSites: (panel: GradientPanel, sites: readonly Site[]) => Promise<void>;
  readonly runCommand: (panel: GradientPanel, name: PanelCommand) => Promise<void>;
  /** Does something about a finding of the panel's program, by the finding's key. */
  readonly compareSteps: (panel: GradientPanel, shown: PassId, other: PassId) => Promise<void>;
  readonly finding: (panel: GradientPanel, action: FindingAction, key: string) => Promise<void>;
  readonly closed: (panel: GradientPanel) => void;
}

let panelsMade = 0;

/** A place for a panel of its own, beside the editor, also where that is yet to come. */
export function createPanelView(file: string): vscode.WebviewPanel {
  const { Beside, Two } = vscode.ViewColumn;
  return vscode.window.createWebviewPanel(
    PANEL_VIEW_TYPE,
    t`Gradients: ${path.basename(file)}`,
    { viewColumn: vscode.window.tabGroups.activeTabGroup.activeTab ? Beside : Two, preserveFocus: true },
    { retainContextWhenHidden: true },
  );
}

/** VS Code shows the editor of a stop, and takes the keyboard along, perhaps more than once, at most so long after it was asked to. */
const TAKEN_WITHIN_MS = 500;

/**
 * The panel beside the editor. It draws; the engine answers it directly, through a channel that is only handed on here.
 * It outlives its session, so that a file that is run again is shown in the same place.
 */
export class GradientPanel {
  readonly file: string;
  readonly #options: PanelOptions;
  readonly #view: vscode.WebviewPanel;
  readonly #party = `panel-${++panelsMade}`;
  readonly #host: ChannelEndpoint;
  readonly #toPanel: ChannelEndpoint;
  readonly #panel: comlink.Remote<Panel>;
  #session: GradientSession | null = null;
  #relay: Relay | null = null;
  #whatIf: Disposable | null = null;
  /** Why the last session ended, when it did not end well. */
  #failure: Failure | null = null;
  #isReady = false;
  #focused = false;
  /** Until when a loss of the keyboard is VS Code's doing, and not somebody's who went elsewhere. */
  #keepsFocusUntil = 0;
  /** What to tell the panel once its script is alive. */
  #waiting: ((panel: comlink.Remote<Panel>) => Promise<void>)[] = [];

  constructor(options: PanelOptions) {
    this.#options = options;
    this.file = options.file;
    const { extensionUri } = options.context;
    const dist = vscode.Uri.joinPath(extensionUri, "dist", "webview");
    this.#view = options.view;
    this.#view.webview.options = { enableScripts: true, localResourceRoots: [dist] };
    this.#view.iconPath = {
      light: vscode.Uri.joinPath(extensionUri, "media", "panel-light.svg"),
      dark: vscode.Uri.joinPath(extensionUri, "media", "panel-dark.svg"),
    };
    const { webview } = this.#view;
    const post = { send: (frame: ChannelFrame): void => void webview.postMessage(frame) };
    this.#host = new ChannelEndpoint(post, PANEL_CHANNELS.hostRequests);
    this.#toPanel = new ChannelEndpoint(post, PANEL_CHANNELS.hostEvents);
    this.#panel = comlink.wrap<Panel>(this.#toPanel);
    comlink.expose(this.#service(), this.#host);
    webview.onDidReceiveMessage((frame: ChannelFrame) => this.#receive(frame));
    this.#view.onDidDispose(() => this.#dispose());
    webview.html = panelHtml({
      language: vscode.env.language,
      nonce: randomBytes(16).toString("base64"),
      source: webview.cspSource,
      script: webview.asWebviewUri(vscode.Uri.joinPath(dist, "main.js")).toString(),
      style: webview.asWebviewUri(vscode.Uri.joinPath(dist, "main.css")).toString(),
    });
  }

  get session(): GradientSession | null {
    return this.#session;
  }

  get visible(): boolean {
    return this.#view.visible;
  }

  /** Whether the keyboard is in the panel. */
  get focused(): boolean {
    return this.#focused && this.#view.visible;
  }

  /** Whether its tab is the one that VS Code means. */
  get active(): boolean {
    return this.#view.active;
  }

  /** Gets the keyboard back that it had; an editor that VS Code shows may take it along, where the panel is maximised. */
  takeFocusBack(): void {
    this.#keepsFocusUntil = performance.now() + TAKEN_WITHIN_MS;
    if (!this.focused) this.#view.reveal(undefined, false);
  }

  #focusChanged(focused: boolean): void {
    this.#focused = focused;
    if (!focused && performance.now() <= this.#keepsFocusUntil) this.#view.reveal(undefined, false);
  }

  /** The editor group that it is in. */
  get column(): vscode.ViewColumn | undefined {
    return this.#view.viewColumn;
  }

  show(): void {
    this.#view.reveal(undefined, true);
  }

  close(): void {
    this.#view.dispose();
  }

  /** Connects the panel with a session's engine, or with none when it has ended. */
  attach(session: GradientSession | null): void {
    this.#relay?.dispose();
    this.#whatIf?.dispose();
    const before = this.#session;
    if (session) this.#failure = null;
    else if (before?.state.kind === "ended") this.#failure ??= before.state.failure ?? null;
    this.#session = session;
    session?.ended.listen((failure) => {
      if (this.#session === session) this.#failure = failure;
    });
    this.#relay =
      session?.connection.relay(this.#party, (path_, data) => {
        void this.#view.webview.postMessage({ channel: `engine${path_}`, data } satisfies ChannelFrame);
      }) ?? null;
    const failure = this.#failure;
    this.#tell((panel) => panel.sessionChanged(session !== null, this.file, failure));
    this.#whatIf = session?.whatIfChanged.listen((shown) => this.#tell((panel) => panel.whatIfChanged(shown))) ?? null;
    const shown = session?.whatIf;
    if (shown) this.#tell((panel) => panel.whatIfChanged(shown));
  }

  /** There is nothing to show, and this is why. */
  fail(failure: Failure): void {
    this.#failure = failure;
    this.#tell((panel) => panel.sessionChanged(false, this.file, failure));
  }

  reveal(node: NodeId): void {
    this.show();
    this.#tell((panel) => panel.reveal(node));
  }

  compare(mode: CheckMode): void {
    this.#tell((panel) => panel.compare(mode));
  }

  /** Compares the shown pass with another: of a recording, or of the same run. */
  compareWith(file: string | null, pass: PassId | null): void {
    this.show();
    this.#tell((panel) => panel.compareWith(file, pass));
  }

  /** What is wrong with the training. */
  showFindings(findings: readonly Finding[]): void {
    this.#tell((panel) => panel.findingsChanged(findings));
  }

  showTrial(trial: FixTrial | null): void {
    this.#tell((panel) => panel.trialChanged(trial));
  }

  showFinding(key: string): void {
    this.show();
    this.#tell((panel) => panel.showFinding(key));
  }

  #tell(message: (panel: comlink.Remote<Panel>) => Promise<void>): void {
    if (this.#isReady) void message(this.#panel).catch(() => undefined);
    else this.#waiting.push(message);
  }

  #service(): PanelHost {
    const { context, runCommand } = this.#options;
    return {
      ready: () => {
        this.#isReady = true;
        const waiting = this.#waiting;
        this.#waiting = [];
        // After the answer: the panel first learns what it is, then what happened meanwhile.
        setImmediate(() => waiting.forEach((message) => this.#tell(message)));
        return Promise.resolve({
          state: loadPanelState(context.workspaceState, this.file),
          file: this.file,
          session: this.#session !== null,
          failure: this.#failure,
        });
      },
      openSite: (site: Site) => this.#options.openSite(this, site),
      command: (name) => runCommand(this, name),
      compareSteps: (shown, other) => this.#options.compareSteps(this, shown, other),
      finding: (action, key) => this.#options.finding(this, action, key),
      saveState: (state) => savePanelState(context.workspaceState, this.file, state),
      lightSites: (sites) => this.#options.lightSites(this, sites),
      copy: async (text) => vscode.env.clipboard.writeText(text),
      saveFile: (name, data) => this.#saveFile(name, data),
      focusChanged: async (focused) => {
        this.#focusChanged(focused);
      },
    };
  }

  async #saveFile(name: string, data: Uint8Array): Promise<void> {
    const folder = vscode.Uri.file(path.dirname(this.file));
    const target = await vscode.window.showSaveDialog({
      defaultUri: vscode.Uri.joinPath(folder, path.basename(name)),
      title: t("Save"),
    });
    if (target) await vscode.workspace.fs.writeFile(target, data);
  }

  #receive(frame: ChannelFrame): void {
    switch (frame.channel) {
      case PANEL_CHANNELS.hostRequests:
        return this.#host.receive(frame.data);
      case PANEL_CHANNELS.hostEvents:
        return this.#toPanel.receive(frame.data);
      case PANEL_CHANNELS.engineRequests:
      case PANEL_CHANNELS.engineEvents: {
        const at = frame.channel === PANEL_CHANNELS.engineRequests ? REQUESTS : EVENTS;
        if (this.#relay && this.#session?.alive) this.#relay.send(at, frame.data);
        else this.#answerForNoEngine(frame);
      }
    }
  }

  /** A call that no engine can answer is rejected by an endpoint that is closed: it settles instead of hanging. */
  #answerForNoEngine(frame: ChannelFrame): void {
    const reason: Failure = { kind: "request", message: t("No session is running."), site: null };
    const closed = new ChannelEndpoint({ send: () => undefined }, frame.channel);
    closed.addEventListener("message", ({ data }) => {
      void this.#view.webview.postMessage({ channel: frame.channel, data } satisfies ChannelFrame);
    });
    closed.close(reason);
    closed.postMessage(frame.data);
  }

  #dispose(): void {
    this.#relay?.dispose();
    this.#relay = null;
    this.#whatIf?.dispose();
    this.#session = null;
    this.#toPanel.close({ kind: "request", message: t("The panel was closed."), site: null });
    this.#options.closed(this);
  }
}
