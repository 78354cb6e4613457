import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import { EDITOR_VARIABLE } from "../../engine/protocol/assistant.ts";
import { pythonOf } from "../debug/python-of.ts";
import { WITHOUT_EDITOR } from "../session/editor-variables.ts";
import { OpenRequests } from "./open-requests.ts";
import { showNode, type ShowNodeContext } from "./show-node.ts";

/** As in the manifest. */
const PROVIDER = "backstep";

export interface AssistantServerOptions extends ShowNodeContext {
  /** The bundled command line. */
  readonly cli: string;
  readonly log: (text: string) => void;
}

/**
 * Tells VS Code of `backstep mcp`, so that its assistants can run and read model files of the open folders. A workspace that
 * is not trusted has no server: it runs code.
 */
export class AssistantServer implements vscode.Disposable {
  readonly #options: AssistantServerOptions;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #requests: OpenRequests;
  readonly #subscriptions: readonly { dispose(): void }[];

  constructor(options: AssistantServerOptions) {
    this.#options = options;
    this.#requests = new OpenRequests((request) => showNode(options, request));
    this.#subscriptions = [
      this.#changed,
      this.#requests,
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#changed.fire()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#changed.fire()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("backstep.python")) this.#changed.fire();
      }),
      ...this.#register(),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #register(): vscode.Disposable[] {
    const provider: vscode.McpServerDefinitionProvider = {
      onDidChangeMcpServerDefinitions: this.#changed.event,
      provideMcpServerDefinitions: () => this.#definitions(),
    };
    // Products made of VS Code may leave it out.
    const api = vscode.lm as Partial<typeof vscode.lm> | undefined;
    const disposable = api?.registerMcpServerDefinitionProvider?.(PROVIDER, provider);
    return disposable ? [disposable] : [];
  }

  async #definitions(): Promise<vscode.McpServerDefinition[]> {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
    const [first] = folders;
    if (!vscode.workspace.isTrusted || !first) return [];
    const socket = await this.#requests.listen().catch((error: unknown) => {
      this.#options.log(t`Assistants cannot open the panel: ${String(error)}\n`);
      return null;
    });
    const python = await pythonOf(first.uri);
    const definition = new vscode.McpStdioServerDefinition(
      "Backstep",
      process.execPath,
      [
        this.#options.cli,
        "mcp",
        ...folders.map(({ uri }) => uri.fsPath),
        ...(python === null ? [] : ["--python", python]),
      ],
      { ...WITHOUT_EDITOR, ELECTRON_RUN_AS_NODE: "1", ...(socket !== null && { [EDITOR_VARIABLE]: socket }) },
    );
    definition.cwd = first.uri;
    return [definition];
  }
}
