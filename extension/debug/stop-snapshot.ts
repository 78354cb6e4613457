import { t } from "../../engine/language/translate.ts";
import type { Cursor } from "../../engine/protocol/cursor.ts";
import type { Frame } from "../../engine/protocol/failure.ts";
import { isSamePlace, type GradientSession } from "../session/gradient-session.ts";
import { stackRows, type StackRow } from "./stack.ts";
import type { StopView } from "./variables.ts";

/** What a stop shows: read from the engine once, then the same for every request until the cursor moves. */
export class StopSnapshot {
  readonly #session: GradientSession;
  readonly #cursor: Cursor;
  #loading: Promise<void> | null = null;
  #loaded: { readonly view: StopView; readonly rows: readonly StackRow[] } | null = null;

  constructor(session: GradientSession, cursor: Cursor) {
    this.#session = session;
    this.#cursor = cursor;
  }

  isAt(cursor: Cursor): boolean {
    return isSamePlace(cursor, this.#cursor);
  }

  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  get view(): StopView {
    return this.#content.view;
  }

  get rows(): readonly StackRow[] {
    return this.#content.rows;
  }

  get #content() {
    if (!this.#loaded) throw new Error(t("The stop has not been read yet."));
    return this.#loaded;
  }

  async #load(): Promise<void> {
    const session = this.#session;
    const cursor = this.#cursor;
    const [graph, passes, live, frames, optimizers, term] = await Promise.all([
      session.graph(cursor.pass),
      session.passes(),
      session.engine.stack(),
      cursor.node === null ? Promise.resolve<readonly Frame[]>([]) : session.engine.frames(cursor.pass, cursor.node),
      session.engine.optimizers(),
      cursor.node === null || cursor.term === null
        ? null
        : session.engine.productTerm(cursor.pass, cursor.node, cursor.term),
    ]);
    const pass = passes.find((one) => one.pass === cursor.pass) ?? null;
    this.#loaded = {
      view: { session, cursor, graph, pass, term, optimizers },
      rows: stackRows({ cursor, graph, pass, term, frames, live }),
    };
  }
}
