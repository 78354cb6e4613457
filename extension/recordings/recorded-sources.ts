import path from "node:path";
import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import type { SessionRegistry } from "../session/session-registry.ts";
import { showInformation } from "../text/notification.ts";

/** Documents that are read from inside a recording: the path is the source's, the query the recording's file. */
export const RECORDED_SCHEME = "backstep-recording";

interface Place {
  readonly uri: vscode.Uri;
  /** What there is to say when it is first shown. */
  news: string | null;
}

/**
 * The sources inside recordings. Where the file on the disk has the same text it is shown itself; where it is gone or has
 * changed, the text that ran is, read-only, and that is said: at once, and on its tab as long as it is open.
 */
export class RecordedSources
  implements vscode.TextDocumentContentProvider, vscode.FileDecorationProvider, vscode.Disposable
{
  readonly #registry: SessionRegistry;
  readonly #places = new WeakMap<GradientSession, Map<string, Promise<Place>>>();
  readonly #registrations: readonly vscode.Disposable[];

  constructor(registry: SessionRegistry) {
    this.#registry = registry;
    this.#registrations = [
      vscode.workspace.registerTextDocumentContentProvider(RECORDED_SCHEME, this),
      vscode.window.registerFileDecorationProvider(this),
    ];
  }

  dispose(): void {
    for (const registration of this.#registrations) registration.dispose();
  }

  provideFileDecoration({ scheme, query }: vscode.Uri): vscode.FileDecoration | undefined {
    if (scheme !== RECORDED_SCHEME) return undefined;
    const tooltip = t`The text that ran, from ${path.basename(query)}: not what the file on the disk says`;
    return new vscode.FileDecoration("R", tooltip);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const session = this.sessionOf(uri);
    if (!session) return t`The recording ${path.basename(uri.query)} is closed.\n`;
    return (await session.engine.sourceText(vscode.Uri.file(uri.path).fsPath)) ?? "";
  }

  /** The session that shows the recording which a document is inside. */
  sessionOf(uri: vscode.Uri): GradientSession | null {
    return this.#registry.all.find(({ gradients }) => gradients.program === uri.query)?.gradients ?? null;
  }

  /** Where the text of a source file is shown as it ran; says so where that is not the file on the disk. */
  async place(session: GradientSession, file: string): Promise<vscode.Uri> {
    const place = await this.#find(session, file);
    if (place.news !== null) void showInformation(place.news);
    place.news = null;
    return place.uri;
  }

  /** The same place, and nothing is said. */
  async placeOf(session: GradientSession, file: string): Promise<vscode.Uri> {
    return (await this.#find(session, file)).uri;
  }

  #find(session: GradientSession, file: string): Promise<Place> {
    if (!session.isRecording) return Promise.resolve({ uri: vscode.Uri.file(file), news: null });
    const places = this.#places.get(session) ?? new Map<string, Promise<Place>>();
    this.#places.set(session, places);
    const place = places.get(file) ?? find(session, file);
    places.set(file, place);
    return place;
  }
}

async function find(session: GradientSession, file: string): Promise<Place> {
  const onDisk = vscode.Uri.file(file);
  const recorded = await session.engine.sourceText(file).catch(() => null);
  const current = recorded === null ? null : await textOf(onDisk);
  if (current === recorded) return { uri: onDisk, news: null };
  // Short enough to be read without a click.
  const name = path.basename(file);
  return {
    uri: onDisk.with({ scheme: RECORDED_SCHEME, query: session.program }),
    news:
      current === null
        ? t`${name} is not on this disk. Shown is the text that ran.`
        : t`${name} has changed. Shown is the text that ran.`,
  };
}

/** Null where there is no such file. */
async function textOf(uri: vscode.Uri): Promise<string | null> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return null;
  }
}
