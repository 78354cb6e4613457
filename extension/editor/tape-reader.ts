import * as vscode from "vscode";
import type { NodeStatistics, PassGraph } from "../../engine/protocol/graph.ts";
import type { NodeId, PassId } from "../../engine/protocol/ids.ts";
import type { Site } from "../../engine/protocol/site.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import type { SessionRegistry } from "../session/session-registry.ts";
import { RECORDED_SCHEME, type RecordedSources } from "../recordings/recorded-sources.ts";
import { EditedPositions } from "./edited-positions.ts";

export interface NodeInFile {
  readonly node: NodeId;
  readonly site: Site;
  readonly label: string;
}

/** The shown pass as a source file sees it. */
export interface FilePass {
  readonly session: GradientSession;
  readonly pass: PassId;
  readonly graph: PassGraph;
  readonly nodes: readonly NodeInFile[];
  readonly positions: EditedPositions;
}

/**
 * Reads the tape for the surfaces in the editor: which nodes a file made, and where their calls are now that the file
 * may have been edited.
 */
export class TapeReader implements vscode.Disposable {
  readonly #registry: SessionRegistry;
  readonly #sources: RecordedSources;
  readonly #edits = new Map<GradientSession, Map<string, EditedPositions>>();
  readonly #nodes = new Map<string, Promise<readonly NodeInFile[]>>();
  readonly #ids = new WeakMap<GradientSession, number>();
  readonly #subscriptions: { dispose(): void }[];
  #lastId = 0;

  constructor(registry: SessionRegistry, sources: RecordedSources) {
    this.#registry = registry;
    this.#sources = sources;
    this.#subscriptions = [
      registry.started.listen(({ gradients }) => {
        this.#edits.set(gradients, new Map());
        this.#ids.set(gradients, ++this.#lastId);
      }),
      registry.ended.listen(({ gradients }) => {
        this.#edits.delete(gradients);
        this.#nodes.clear();
      }),
      vscode.workspace.onDidChangeTextDocument((event) => this.#changed(event)),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** The session that a file belongs to, when its tape can be read. */
  sessionOf(document: vscode.Uri): GradientSession | null {
    const session =
      document.scheme === RECORDED_SCHEME
        ? this.#sources.sessionOf(document)
        : (this.#registry.forFile(document.fsPath, vscode.debug.activeDebugSession)?.gradients ?? null);
    return session?.readable ? session : null;
  }

  async filePass(document: vscode.Uri): Promise<FilePass | null> {
    const file = document.fsPath;
    const session = this.sessionOf(document);
    const pass = session?.cursor?.pass;
    if (!session || pass === undefined) return null;
    // A file that has changed since it was recorded has other lines.
    if (session.isRecording && (await this.#sources.placeOf(session, file)).scheme !== document.scheme) return null;
    const key = `${this.#ids.get(session)} ${pass} ${file}`;
    const nodes = this.#nodes.get(key) ?? session.engine.nodesInFile(file);
    this.#nodes.set(key, nodes);
    try {
      const [graph, list] = await Promise.all([session.graph(pass), nodes]);
      return { session, pass, graph, nodes: list, positions: this.positions(session, file) };
    } catch {
      // The session ended, or the pass was released, while it was read: there is nothing to show.
      this.#nodes.delete(key);
      return null;
    }
  }

  async statistics(session: GradientSession, pass: PassId): Promise<NodeStatistics | null> {
    try {
      return await session.engine.statistics(pass);
    } catch {
      return null;
    }
  }

  positions(session: GradientSession, file: string): EditedPositions {
    const files = this.#edits.get(session);
    const known = files?.get(file) ?? new EditedPositions();
    files?.set(file, known);
    return known;
  }

  #changed(event: vscode.TextDocumentChangeEvent): void {
    if (event.document.uri.scheme !== "file") return;
    for (const session of this.#edits.keys()) {
      const positions = this.positions(session, event.document.uri.fsPath);
      // VS Code orders the changes of one event so that each can be applied to the text before all of them.
      for (const { range, text } of [...event.contentChanges].sort((a, b) => b.rangeOffset - a.rangeOffset)) {
        positions.add({ start: range.start, end: range.end, text });
      }
    }
  }
}

/** Where a site is now; null when the text of it was changed since the file ran. */
export function currentRange(positions: EditedPositions, site: Site): vscode.Range | null {
  const start = positions.toCurrent({ line: site.line - 1, character: site.column - 1 });
  const end = positions.toCurrent({ line: site.endLine - 1, character: site.endColumn - 1 }, "end");
  if (!start || !end) return null;
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
