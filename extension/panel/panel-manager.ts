import * as vscode from "vscode";
import type { PanelCommand } from "../../engine/protocol/panel.ts";
import { choosePython } from "../debug/choose-python.ts";
import { launchOf } from "../debug/configuration-provider.ts";
import type { RunningSession, SessionRegistry } from "../session/session-registry.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import { lessonAfter } from "../lessons.ts";
import { stopWhen } from "../stop-when.ts";
import type { FindingActions } from "../findings/finding-actions.ts";
import type { FindingsBook } from "../findings/findings-book.ts";
import type { FixTrials } from "../findings/fix-trials.ts";
import { readSettings } from "../settings.ts";
import { exportTrainingLog } from "../training/export-log.ts";
import { openSite } from "../editor/open-site.ts";
import { ComparedSteps } from "../recordings/compared-steps.ts";
import { compareRecordings } from "../recordings/compare-recordings.ts";
import type { RecordedSources } from "../recordings/recorded-sources.ts";
import { exportShownPass } from "../recordings/export-pass.ts";
import { saveRecording } from "../recordings/save-recording.ts";
import { createPanelView, GradientPanel } from "./gradient-panel.ts";
import { SourceLights } from "./source-lights.ts";

export interface PanelManagerOptions {
  readonly context: vscode.ExtensionContext;
  readonly registry: SessionRegistry;
  readonly sources: RecordedSources;
  readonly findings: FindingsBook;
  readonly trials: FixTrials;
  readonly actions: FindingActions;
}

/** The panels: one for each session, found again when its file is run again. */
export class PanelManager implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #registry: SessionRegistry;
  readonly #sources: RecordedSources;
  readonly #findings: FindingsBook;
  readonly #actions: FindingActions;
  readonly #panels = new Set<GradientPanel>();
  readonly #lights: SourceLights;
  readonly #steps = new ComparedSteps((title, save) =>
    vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, (_, cancelled) => save(cancelled)),
  );
  readonly #subscriptions: { dispose(): void }[];

  constructor(options: PanelManagerOptions) {
    const { registry, findings, trials } = options;
    this.#context = options.context;
    this.#sources = options.sources;
    this.#findings = findings;
    this.#actions = options.actions;
    this.#registry = registry;
    this.#lights = new SourceLights(options.sources);
    this.#subscriptions = [
      this.#lights,
      this.#steps,
      findings.changed.listen((program) => {
        for (const panel of this.#ofFile(program)) panel.showFindings(findings.of(program));
      }),
      trials.changed.listen(({ program, trial }) => {
        for (const panel of this.#ofFile(program)) panel.showTrial(trial);
      }),
      registry.started.listen((session) => this.#started(session)),
      registry.ended.listen(({ gradients }) => this.of(gradients)?.attach(null)),
    ];
  }

  /** The panel that shows a session. */
  of(session: GradientSession): GradientPanel | null {
    return [...this.#panels].find((panel) => panel.session === session) ?? null;
  }

  /** Shows the panel of a session; of a file when none runs. */
  open(file: string, session: GradientSession | null): GradientPanel {
    const known = session ? this.of(session) : null;
    // A panel without a session, of the same file, is taken over: what was expanded and selected stays.
    const free = [...this.#panels].find((panel) => panel.file === file && (panel.session === null || !session));
    const panel = known ?? free ?? this.#create(file);
    if (session && panel.session !== session) panel.attach(session);
    panel.show();
    return panel;
  }

  /** Fills an editor that VS Code has opened, for a recording say. */
  adopt(file: string, view: vscode.WebviewPanel): GradientPanel {
    return this.#create(file, view);
  }

  /** The panel that has the keyboard, else the one that is in front of an editor group of its own. */
  get focused(): GradientPanel | null {
    const panels = [...this.#panels];
    return panels.find((panel) => panel.focused) ?? panels.find((panel) => panel.active) ?? null;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    for (const panel of [...this.#panels]) panel.close();
  }

  #ofFile(program: string): readonly GradientPanel[] {
    return [...this.#panels].filter(({ file }) => file === program);
  }

  #started({ gradients, debug }: RunningSession): void {
    const existing = [...this.#panels].find((panel) => panel.file === gradients.program && panel.session === null);
    // An opened recording has its editor.
    if (debug === null) return;
    if (existing) existing.attach(gradients);
    else if (debug.configuration["noDebug"] !== true && readSettings().openPanel)
      this.open(gradients.program, gradients);
  }

  #create(file: string, view: vscode.WebviewPanel = createPanelView(file)): GradientPanel {
    const panel = new GradientPanel({
      context: this.#context,
      file,
      view,
      openSite: async ({ session, column }, site) => {
        await openSite(session ? await this.#sources.place(session, site.file) : null, site, column);
      },
      lightSites: (from, sites) => this.#lights.show(from.session, sites),
      runCommand: (from, name) => this.#run(from, name),
      closed: (closed) => {
        this.#panels.delete(closed);
        void this.#lights.show(null, []);
      },
      compareSteps: (from, shown, other) => this.#steps.compare(from, shown, other),
      finding: async (from, action, key) => {
        const finding = this.#findings.find(from.file, key);
        if (finding) await this.#actions.run(action, from.file, finding);
      },
    });
    this.#panels.add(panel);
    panel.showFindings(this.#findings.of(file));
    return panel;
  }

  /** A button of the panel acts on the panel's own session, whichever the debug toolbar shows. */
  async #run(panel: GradientPanel, name: PanelCommand): Promise<void> {
    const debug = this.#registry.all.find((one) => one.gradients === panel.session)?.debug;
    switch (name) {
      case "debugGradients":
        await this.#launch(panel);
        return;
      case "continue":
        await debug?.customRequest("continue", { threadId: 1, announce: true });
        return;
      case "pause":
        await debug?.customRequest("pause", { threadId: 1 });
        return;
      case "stop":
        if (debug) await vscode.debug.stopDebugging(debug);
        return;
      case "saveRecording":
        await saveRecording(panel.session);
        return;
      case "exportPass":
        await exportShownPass(panel.session);
        return;
      case "exportTrainingLog":
        await exportTrainingLog(panel.session);
        return;
      case "compareRecordings":
        await compareRecordings(panel.session, this);
        return;
      case "restart":
        if (debug) await vscode.debug.stopDebugging(debug);
        await this.#launch(panel);
        return;
      case "stopWhen":
        await stopWhen(this.#registry.all.find((one) => one.gradients === panel.session) ?? null);
        return;
      case "undoEdits":
        await debug?.customRequest("undoEdits");
        return;
      case "nextLesson":
        await vscode.commands.executeCommand("backstep.openLesson", lessonAfter(panel.file));
        return;
      case "choosePython": {
        const python = await choosePython(panel.file);
        if (python !== undefined) await this.#launch(panel, { python });
        return;
      }
      case "openExamples":
      case "showOutput":
      case "compare":
        await vscode.commands.executeCommand(`backstep.${name}`);
    }
  }

  /** As it ran last, where it has, but for what is to be otherwise. */
  async #launch({ file }: GradientPanel, otherwise: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const configuration = this.#registry.configurationOf(file) ?? launchOf(file, {});
    await vscode.debug.startDebugging(undefined, { ...configuration, ...otherwise });
  }
}
