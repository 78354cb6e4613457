import type * as vscode from "vscode";
import type { GradientSession } from "./gradient-session.ts";
import { Signal, type Disposable } from "./signal.ts";

/** A session together with the debug session that VS Code shows for it; that of an opened recording may have none. */
export interface RunningSession {
  readonly gradients: GradientSession;
  readonly debug: vscode.DebugSession | null;
}

/** The sessions that are alive. Several may be; the one that was touched last is the one that commands mean. */
export class SessionRegistry {
  readonly #sessions: RunningSession[] = [];
  /** How each program was launched last. */
  readonly #configurations = new Map<string, vscode.DebugConfiguration>();
  readonly started = new Signal<RunningSession>();
  readonly ended = new Signal<RunningSession>();
  /** A session began, ended, stopped, moved, or learned a verdict: whatever a reader of the tape must follow. */
  readonly changed = new Signal<GradientSession>();
  readonly #subscriptions = new Map<GradientSession, Disposable[]>();

  add(session: RunningSession): void {
    const { gradients, debug } = session;
    this.#sessions.push(session);
    if (debug) this.#configurations.set(gradients.program, debug.configuration);
    this.#subscriptions.set(gradients, [
      gradients.stateChanged.listen(() => this.changed.fire(gradients)),
      gradients.cursorMoved.listen(() => this.changed.fire(gradients)),
      gradients.verdictsChanged.listen(() => this.changed.fire(gradients)),
    ]);
    this.started.fire(session);
    this.changed.fire(gradients);
  }

  /** The arguments and interpreter that a program ran with last, to run it again; null where it has not. */
  configurationOf(program: string): vscode.DebugConfiguration | null {
    return this.#configurations.get(program) ?? null;
  }

  remove(gradients: GradientSession): void {
    const index = this.#sessions.findIndex((one) => one.gradients === gradients);
    const [session] = index < 0 ? [] : this.#sessions.splice(index, 1);
    for (const subscription of this.#subscriptions.get(gradients) ?? []) subscription.dispose();
    this.#subscriptions.delete(gradients);
    if (!session) return;
    this.ended.fire(session);
    this.changed.fire(gradients);
  }

  /** The session that VS Code's debug toolbar acts on, else the one that began last. */
  active(focused: vscode.DebugSession | undefined): RunningSession | null {
    return (
      this.#sessions.find((one) => one.debug !== null && one.debug.id === focused?.id) ??
      this.#sessions.findLast((one) => one.debug !== null) ??
      this.#sessions.at(-1) ??
      null
    );
  }

  /** The session whose pass was made by a file: it is the model file, or one that the model file imports. */
  forFile(file: string, focused: vscode.DebugSession | undefined): RunningSession | null {
    return this.#sessions.find((one) => one.gradients.program === file) ?? this.active(focused);
  }

  get all(): readonly RunningSession[] {
    return this.#sessions;
  }

  /** Ends every engine; for when the extension itself ends. */
  async stopAll(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.gradients.stop()));
  }
}
