import type { CheckMode } from "./check.ts";
import type { Failure } from "./failure.ts";
import type { Finding, FindingAction, FixTrial } from "./finding.ts";
import type { NodeId, PassId } from "./ids.ts";
import type { Site } from "./site.ts";
import type { ShownWhatIf } from "./what-if.ts";

/**
 * Channels of the webview's message port, whose frames are those of the IPC channel. `engineRequests` and `engineEvents`
 * are relayed unopened to the engine process, which knows them as "panel-N/…"; `hostRequests` carries calls of
 * {@link PanelHost}, `hostEvents` those of {@link Panel}.
 */
export const PANEL_CHANNELS = {
  engineRequests: "engine/requests",
  engineEvents: "engine/events",
  hostRequests: "host/requests",
  hostEvents: "host/events",
} as const;

/** What the panel asks of the extension host, besides the engine's own channel. */
export interface PanelHost {
  /** The panel's script is alive; the host answers with what it should show. */
  ready(): Promise<PanelStart>;
  openSite(site: Site): Promise<void>;
  /** Lights up places of the source while something that stands for them is pointed at; none with an empty list. */
  lightSites(sites: readonly Site[]): Promise<void>;
  /** Runs a command of this extension, by the part of its id after "backstep.": "debugGradients", "continue", "stop". */
  command(name: PanelCommand): Promise<void>;
  /** Remembered with the workspace: layout, expansion, overlay. */
  saveState(state: PanelState): Promise<void>;
  copy(text: string): Promise<void>;
  saveFile(suggestedName: string, data: Uint8Array): Promise<void>;
  /** Compares two steps of the run of which the second is not kept: the file runs again to it. */
  compareSteps(shown: PassId, other: PassId): Promise<void>;
  /** Explains a finding, edits the file as it says, or tries that. Named by its key. */
  finding(action: FindingAction, key: string): Promise<void>;
  /** The keyboard came into the panel, or left it. VS Code's own word for it, `active`, is about tabs. */
  focusChanged(focused: boolean): Promise<void>;
}

export type PanelCommand =
  | "debugGradients"
  | "continue"
  | "pause"
  | "stop"
  | "restart"
  | "openExamples"
  | "nextLesson"
  | "undoEdits"
  | "stopWhen"
  | "showOutput"
  | "choosePython"
  | "compare"
  | "saveRecording"
  | "exportPass"
  | "exportTrainingLog"
  | "compareRecordings";

export interface PanelStart {
  readonly state: PanelState | null;
  /** The model file the session runs, or the active editor's when none does. */
  readonly file: string | null;
  readonly session: boolean;
  /** Why the last session ended, when it did not end well. */
  readonly failure: Failure | null;
}

/** Restored when a file is shown again. Paths, not ids, which change from run to run; nothing of one session's stop. */
export interface PanelState {
  readonly file: string | null;
  readonly expanded: readonly string[];
  readonly overlay: string;
  readonly inspectorWidth: number;
  /** The graph's share of the height where it stands above the inspector. */
  readonly graphShare: number;
  /** Which way the forward pass runs in the drawing. */
  readonly flow: "auto" | "down" | "right";
  /** Whether parameters, legend and map stand beside the drawing; null: where there is room. */
  readonly side: boolean | null;
  /** Whether the scalar lens is open; null: where a pass is made of scalars only. */
  readonly lens: boolean | null;
}

/** What the host tells the panel. */
export interface Panel {
  /** A session began or ended; the engine channel is (not) answered. `failure`: why it ended, when it did not end well. */
  sessionChanged(session: boolean, file: string | null, failure: Failure | null): void;
  reveal(node: NodeId): void;
  /** Elements were set to other values; null: everything is as recorded again. */
  whatIfChanged(shown: ShownWhatIf | null): void;
  compare(mode: CheckMode): void;
  /** Compares the shown pass with another: of a recording, or of this run. */
  compareWith(file: string | null, pass: PassId | null): void;
  /** What is wrong with the training, as long as the file is still the text that ran. */
  findingsChanged(findings: readonly Finding[]): void;
  /** How far the trial of a fix has come; null when there is none. */
  trialChanged(trial: FixTrial | null): void;
  /** Shows a finding. */
  showFinding(key: string): void;
}
