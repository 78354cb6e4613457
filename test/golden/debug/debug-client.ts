import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Failure } from "../../../engine/protocol/failure.ts";
import { GradientDebugSession } from "../../../extension/debug/adapter.ts";
import { EngineProcess } from "../../../engine/client/engine-process.ts";
import { scriptOf } from "../../programs.ts";
import { MODELS } from "./models.ts";

type Message = DebugProtocol.Request | DebugProtocol.Response | DebugProtocol.Event;

/** What VS Code's side of the Debug Adapter Protocol does, with a transcript of it. */
export class DebugClient {
  readonly adapter: GradientDebugSession;
  readonly failures: Failure[] = [];
  /** Whether the debugger shows each failure at its line. */
  readonly shown: boolean[] = [];
  /** Holds the model files; removed at the end. */
  readonly folder = mkdtempSync(path.join(realpathSync(tmpdir()), "backstep-debug-"));
  readonly #lines: string[] = [];
  readonly #pending = new Map<number, (response: DebugProtocol.Response) => void>();
  readonly #events: DebugProtocol.Event[] = [];
  #waiting: (() => void)[] = [];
  #sequence = 0;
  processId: number | undefined;

  /** @param script of the engine process */
  constructor(script = scriptOf("engine")) {
    for (const [name, source] of Object.entries(MODELS)) writeFileSync(path.join(this.folder, name), source);
    this.adapter = new GradientDebugSession({
      startEngine: (configuration) => {
        const engine = new EngineProcess({
          script,
          folder: path.dirname(configuration.program),
          env: configuration.env,
          log: (text) => {
            if (process.env["BACKSTEP_LOG"]) process.stderr.write(text);
          },
        });
        this.processId = engine.processId;
        return engine;
      },
      sessionStarted: () => undefined,
      sessionEnded: () => undefined,
      pathOf: (_, file) => Promise.resolve(file),
      keepsFocus: () => false,
      showTopFrame: () => Promise.resolve(),
      failed: (_, failure, isShown) => {
        this.failures.push(failure);
        this.shown.push(isShown);
      },
    });
    this.adapter.onDidSendMessage((message) => {
      this.#receive(message as Message);
    });
  }

  /** Sends a request; fails when its response does. */
  async request<Body>(command: string, args: object = {}): Promise<Body> {
    const response = await this.ask(command, args);
    assert.ok(response.success, `${command}: ${response.message ?? "failed"}`);
    return response.body as Body;
  }

  /** Sends a request, and writes it and its answer down. */
  async ask(command: string, args: object = {}): Promise<DebugProtocol.Response> {
    const seq = ++this.#sequence;
    this.#note("→", command, args);
    const answer = Promise.withResolvers<DebugProtocol.Response>();
    this.#pending.set(seq, answer.resolve);
    this.adapter.handleMessage({ seq, type: "request", command, arguments: args } as DebugProtocol.Request);
    return answer.promise;
  }

  /** The next event of a kind that has not been waited for yet. */
  async event(name: string): Promise<DebugProtocol.Event> {
    for (;;) {
      const index = this.#events.findIndex((event) => event.event === name);
      const [event] = index < 0 ? [] : this.#events.splice(index, 1);
      if (event) return event;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Launches one of the model files, up to its first stop (or its end). */
  async launch(model: string, options: object = {}, before?: () => Promise<unknown>): Promise<void> {
    await this.request("initialize", {
      adapterID: "backstep",
      pathFormat: "path",
      linesStartAt1: true,
      columnsStartAt1: true,
    });
    const launched = this.request("launch", { program: this.pathOf(model), ...options });
    await this.event("initialized");
    await before?.();
    await this.request("configurationDone");
    await launched;
  }

  pathOf(model: string): string {
    return path.resolve(this.folder, model);
  }

  async stack(): Promise<DebugProtocol.StackFrame[]> {
    return (await this.request<DebugProtocol.StackTraceResponse["body"]>("stackTrace", { threadId: 1 })).stackFrames;
  }

  /** The call stack, and every scope of its top frame with its variables. */
  async look(): Promise<void> {
    await this.request("threads");
    await this.stack();
    const { scopes } = await this.request<DebugProtocol.ScopesResponse["body"]>("scopes", { frameId: 0 });
    for (const { variablesReference } of scopes) await this.variables(variablesReference);
  }

  async variables(variablesReference: number, more: object = {}): Promise<DebugProtocol.Variable[]> {
    const body = await this.request<DebugProtocol.VariablesResponse["body"]>("variables", {
      variablesReference,
      ...more,
    });
    return body.variables;
  }

  /** Runs a stepping request, up to the stop that follows. */
  async step(command: string, args: object = {}): Promise<void> {
    await this.request(command, { threadId: 1, ...args });
    await this.event("stopped");
  }

  /** Ends the session, and whatever the test has made. */
  async close(): Promise<void> {
    await this.request("disconnect");
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Whether any engine process is left. */
  get engineIsAlive(): boolean {
    try {
      return this.processId !== undefined && process.kill(this.processId, 0);
    } catch {
      return false;
    }
  }

  get transcript(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  #receive(message: Message): void {
    if (message.type === "response") {
      const response = message as DebugProtocol.Response;
      // The same at the start of every session: what the adapter can do.
      const shown = response.command === "initialize" ? {} : (response.body as unknown);
      const body: unknown = response.success ? shown : { error: response.message };
      this.#note("←", response.command, body ?? {});
      this.#pending.get(response.request_seq)?.(response);
      this.#pending.delete(response.request_seq);
    } else if (message.type === "event") {
      const event = message as DebugProtocol.Event;
      this.#note("•", event.event, (event.body as object | undefined) ?? {});
      this.#events.push(event);
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  #note(arrow: string, name: string, body: unknown): void {
    const lines = linesOf(body).map((line) => line.replaceAll(this.folder + path.sep, ""));
    const [only] = lines;
    if (lines.length <= 1) this.#lines.push(`${arrow} ${name} ${only ?? ""}`.trimEnd());
    else this.#lines.push(`${arrow} ${name}`, ...lines.map((line) => `    ${line}`));
  }
}

/** One line for each thing of a list, one for all that is not a list. */
function linesOf(body: unknown): string[] {
  if (typeof body !== "object" || body === null) return [];
  const lists = Object.entries(body).filter(([, value]) => Array.isArray(value));
  const plain = Object.entries(body).filter(([, value]) => !Array.isArray(value));
  const lines = plain.length > 0 ? [plain.map(([name, value]) => `${name}: ${text(value)}`).join(", ")] : [];
  for (const [name, list] of lists) {
    lines.push(...(list as unknown[]).map((item) => `${name}: ${text(item)}`));
    if ((list as unknown[]).length === 0) lines.push(`${name}: none`);
  }
  return lines;
}

function text(value: unknown): string {
  if (typeof value === "string") return value.replaceAll("\n", "⏎");
  if (Array.isArray(value)) return `[${value.map(text).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{ ${Object.entries(value)
      .map(([name, inner]) => `${name}: ${text(inner)}`)
      .join(", ")} }`;
  }
  return String(value);
}

/** Compares a transcript with the one that is kept; BACKSTEP_UPDATE_GOLDEN=1 keeps this one instead. */
export function assertGolden(name: string, transcript: string): void {
  const file = path.join(import.meta.dirname, `${name}.txt`);
  if (process.env["BACKSTEP_UPDATE_GOLDEN"] === "1" || !existsSync(file)) {
    writeFileSync(file, transcript);
    return;
  }
  assert.equal(transcript, readFileSync(file, "utf8"), `the transcript differs from ${name}.txt`);
}
