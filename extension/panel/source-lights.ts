import * as vscode from "vscode";
import type { Site } from "../../engine/protocol/site.ts";
import { rangeOf } from "../editor/site-range.ts";
import type { RecordedSources } from "../recordings/recorded-sources.ts";
import type { GradientSession } from "../session/gradient-session.ts";

/** Lights up places of the source in the editors that show them, while the panel points at what stands for them. */
export class SourceLights implements vscode.Disposable {
  readonly #sources: RecordedSources;
  readonly #decoration = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor("editor.findMatchHighlightBackground"),
    border: "1px solid",
    borderColor: new vscode.ThemeColor("editor.findMatchHighlightBorder"),
  });
  /** The newest wish; what an older one waited for comes too late. */
  #wish = 0;

  constructor(sources: RecordedSources) {
    this.#sources = sources;
  }

  async show(session: GradientSession | null, sites: readonly Site[]): Promise<void> {
    const wish = ++this.#wish;
    const places = await Promise.all(
      sites.map(async (site) => ({
        uri: session ? await this.#sources.place(session, site.file) : vscode.Uri.file(site.file),
        range: rangeOf(site),
      })),
    );
    if (wish !== this.#wish) return;
    for (const editor of vscode.window.visibleTextEditors) {
      const shown = places.filter(({ uri }) => uri.toString() === editor.document.uri.toString());
      editor.setDecorations(
        this.#decoration,
        shown.map(({ range }) => range),
      );
    }
  }

  dispose(): void {
    this.#decoration.dispose();
  }
}
