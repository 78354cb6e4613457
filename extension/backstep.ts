import path from "node:path";
import * as vscode from "vscode";
import { AssistantServer } from "./assistant/assistant-server.ts";
import { registerCommands } from "./commands.ts";
import { ConfigurationProvider } from "./debug/configuration-provider.ts";
import { DEBUG_TYPE, registerAdapterFactory } from "./debug/adapter-factory.ts";
import { CodeLensProvider } from "./editor/code-lens-provider.ts";
import { GradientMarks } from "./editor/gradient-marks.ts";
import { GradientFixes } from "./editor/gradient-fixes.ts";
import { HoverPrecedence } from "./editor/hover-precedence.ts";
import { HoverProvider } from "./editor/hover-provider.ts";
import { InlineValuesProvider } from "./editor/inline-values-provider.ts";
import { ModelFileContext } from "./editor/model-file-context.ts";
import { Problems } from "./editor/problems.ts";
import { TapeReader } from "./editor/tape-reader.ts";
import { FailureMessages } from "./failure-messages.ts";
import { FindingActions } from "./findings/finding-actions.ts";
import { FindingHover } from "./findings/finding-hover.ts";
import { FindingProblems } from "./findings/finding-problems.ts";
import { FindingsBook } from "./findings/findings-book.ts";
import { FixTrials } from "./findings/fix-trials.ts";
import { QuickFixes } from "./findings/quick-fixes.ts";
import { OutputChannel } from "./output-channel.ts";
import { PanelManager } from "./panel/panel-manager.ts";
import { RECORDED_SCHEME, RecordedSources } from "./recordings/recorded-sources.ts";
import { RecordingEditor } from "./recordings/recording-editor.ts";
import { SessionRegistry } from "./session/session-registry.ts";
import { RerunNotices } from "./training/rerun-notice.ts";
import { StatusBar } from "./status-bar.ts";
import { GradientTests } from "./testing/gradient-tests.ts";

/** The languages that a model file may be written in. */
export const MODEL_LANGUAGES = ["typescript", "javascript", "typescriptreact", "javascriptreact", "python"] as const;
const SELECTOR: vscode.DocumentSelector = MODEL_LANGUAGES.map((language) => ({ language, scheme: "file" }));
/** Model files, and the sources inside recordings. */
const READ_SELECTOR: vscode.DocumentSelector = ["file", RECORDED_SCHEME].flatMap((scheme) =>
  MODEL_LANGUAGES.map((language) => ({ language, scheme })),
);

/** The extension: which parts there are, and what each is given. */
export class Backstep {
  readonly #registry = new SessionRegistry();

  constructor(context: vscode.ExtensionContext) {
    const registry = this.#registry;
    const output = new OutputChannel(registry);
    const sources = new RecordedSources(registry);
    const tape = new TapeReader(registry, sources);
    const problems = new Problems(registry, sources);
    const findings = new FindingsBook(registry);
    const script = path.join(context.extensionPath, "dist", "engine-process.js");
    const log = (text: string): void => {
      output.log(text);
    };
    const trials = new FixTrials(script, vscode.env.language, log);
    const actions = new FindingActions({ extensionUri: context.extensionUri, registry, findings, trials });
    const panels = new PanelManager({ context, registry, sources, findings, trials, actions });
    const messages = new FailureMessages(registry, problems, output);
    const codeLens = new CodeLensProvider(registry);
    context.subscriptions.push(
      output,
      sources,
      RecordingEditor.register({ registry, panels, script, log }),
      tape,
      problems,
      findings,
      trials,
      new FindingProblems(findings),
      panels,
      codeLens,
      new StatusBar(registry),
      new RerunNotices(registry),
      new ModelFileContext(),
      new HoverPrecedence(registry, tape, SELECTOR),
      new GradientMarks(registry, tape, findings, context.extensionUri),
      new GradientTests(script, log),
      new AssistantServer({ registry, panels, cli: path.join(context.extensionPath, "dist", "cli.js"), log }),
      registerAdapterFactory({
        registry,
        script,
        log,
        failed: (session, failure, isShown) => messages.show(session, failure, isShown),
        placeOf: (session, file) => sources.place(session, file),
        inPanel: (session) => panels.of(session)?.focused === true,
        focusPanel: (session) => panels.of(session)?.takeFocusBack(),
        columnOf: (session) => panels.of(session)?.column,
      }),
      vscode.debug.registerDebugConfigurationProvider(DEBUG_TYPE, new ConfigurationProvider()),
      vscode.languages.registerHoverProvider(READ_SELECTOR, new HoverProvider(tape)),
      vscode.languages.registerInlineValuesProvider(READ_SELECTOR, new InlineValuesProvider(tape, registry)),
      vscode.languages.registerHoverProvider(SELECTOR, new FindingHover(findings)),
      vscode.languages.registerCodeActionsProvider(SELECTOR, new QuickFixes(findings), QuickFixes.kinds),
      vscode.languages.registerCodeActionsProvider(SELECTOR, new GradientFixes(problems), GradientFixes.kinds),
      vscode.languages.registerCodeLensProvider(SELECTOR, codeLens),
      ...registerCommands({ context, registry, panels, sources, output, findings, actions }),
    );
  }

  end(): Promise<void> {
    return this.#registry.stopAll();
  }
}
