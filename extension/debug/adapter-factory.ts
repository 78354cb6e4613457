import path from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as vscode from "vscode";
import type { Failure } from "../../engine/protocol/failure.ts";
import { EngineProcess } from "../../engine/client/engine-process.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import type { SessionRegistry } from "../session/session-registry.ts";
import { GradientDebugSession } from "./adapter.ts";
import { showTopFrame } from "./top-frame.ts";
import { WITHOUT_EDITOR } from "../session/editor-variables.ts";

export const DEBUG_TYPE = "backstep";

export interface AdapterFactoryOptions {
  readonly registry: SessionRegistry;
  /** The bundled engine process. */
  readonly script: string;
  readonly log: (text: string) => void;
  readonly failed: (session: GradientSession, failure: Failure, isShown: boolean) => void;
  /** The document in which the text of a source is shown as it ran. */
  readonly placeOf: (session: GradientSession, file: string) => Promise<vscode.Uri>;
  /** Whether the keyboard is in the session's panel, where it then stays. */
  readonly inPanel: (session: GradientSession) => boolean;
  /** Puts the keyboard into the session's panel, if it is not there. */
  readonly focusPanel: (session: GradientSession) => void;
  /** The editor group of the session's panel. */
  readonly columnOf: (session: GradientSession) => vscode.ViewColumn | undefined;
}

/** Makes one adapter for each debug session, inside the extension host. */
export function registerAdapterFactory(options: AdapterFactoryOptions): vscode.Disposable {
  return vscode.debug.registerDebugAdapterDescriptorFactory(DEBUG_TYPE, {
    createDebugAdapterDescriptor(debug) {
      const adapter = new GradientDebugSession({
        startEngine: (configuration) =>
          new EngineProcess({
            script: options.script,
            language: vscode.env.language,
            folder: configuration.cwd ?? path.dirname(configuration.program),
            env: { ...WITHOUT_EDITOR, ...configuration.env },
            log: options.log,
          }),
        sessionStarted: (gradients) => options.registry.add({ gradients, debug }),
        sessionEnded: (gradients) => options.registry.remove(gradients),
        failed: options.failed,
        pathOf: async (gradients, file) => {
          const place = await options.placeOf(gradients, file);
          return place.scheme === "file" ? file : place.toString();
        },
        // The command that shows a frame takes the first session that stands still: with several it may be another.
        keepsFocus: (gradients) => options.registry.all.length === 1 && options.inPanel(gradients),
        showTopFrame: async (gradients, place) => {
          await showTopFrame(place === null ? null : addressOf(place), options.columnOf(gradients));
          options.focusPanel(gradients);
        },
      });
      return new vscode.DebugAdapterInlineImplementation(new InlineAdapter(adapter));
    },
  });
}

/** What `pathOf` made of a document: a path, or the address of a document that is no file. */
function addressOf(place: string): vscode.Uri {
  return path.isAbsolute(place) ? vscode.Uri.file(place) : vscode.Uri.parse(place);
}

/** The adapter as VS Code's own types want it. */
class InlineAdapter extends vscode.Disposable implements vscode.DebugAdapter {
  readonly #adapter: GradientDebugSession;
  readonly onDidSendMessage: vscode.Event<vscode.DebugProtocolMessage>;

  constructor(adapter: GradientDebugSession) {
    super(() => {
      adapter.dispose();
    });
    this.#adapter = adapter;
    const messages = new vscode.EventEmitter<vscode.DebugProtocolMessage>();
    adapter.onDidSendMessage((message) => {
      messages.fire(message);
    });
    this.onDidSendMessage = messages.event;
  }

  handleMessage(message: vscode.DebugProtocolMessage): void {
    this.#adapter.handleMessage(message as DebugProtocol.ProtocolMessage);
  }
}
