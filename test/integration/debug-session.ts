import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as vscode from "vscode";

export const MODEL = `import { F, manualSeed, nn, randn, tensor } from "backstep";

manualSeed(3);

class Net extends nn.Module {
  fc1 = new nn.Linear(6, 16);
  fc2 = new nn.Linear(16, 3);
  forward(x) {
    const h = F.relu(this.fc1.forward(x));
    return this.fc2.forward(h);
  }
}

const net = new Net();
const x = randn([8, 6]);
const target = tensor([0, 1, 2, 0, 1, 2, 0, 1], { dtype: "int64" });
const logits = net.forward(x);
const loss = F.crossEntropy(logits, target);
loss.backward();
`;

const folders: string[] = [];

/** A file of its own in a folder of its own, until {@link removeModelFiles}. */
export function modelFile(source: string, name = "model.js"): vscode.Uri {
  const folder = mkdtempSync(path.join(tmpdir(), "backstep-integration-"));
  folders.push(folder);
  const file = path.join(folder, name);
  writeFileSync(file, source);
  return vscode.Uri.file(file);
}

export function removeModelFiles(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Listens to what the debug adapter of the next session sends to VS Code. */
export class AdapterTraffic implements vscode.Disposable {
  readonly #registration: vscode.Disposable;
  readonly #events: DebugProtocol.Event[] = [];
  #wake: (() => void)[] = [];

  constructor() {
    this.#registration = vscode.debug.registerDebugAdapterTrackerFactory("backstep", {
      createDebugAdapterTracker: () => ({
        onDidSendMessage: (message: DebugProtocol.ProtocolMessage) => {
          if (message.type !== "event") return;
          this.#events.push(message as DebugProtocol.Event);
          for (const wake of this.#wake.splice(0)) wake();
        },
      }),
    });
  }

  /** The next event of a kind that has not been waited for. */
  async event(name: string): Promise<DebugProtocol.Event> {
    for (;;) {
      const index = this.#events.findIndex((event) => event.event === name);
      const [event] = index < 0 ? [] : this.#events.splice(index, 1);
      if (event) return event;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  dispose(): void {
    this.#registration.dispose();
  }
}

export function activeSession(): vscode.DebugSession {
  const session = vscode.debug.activeDebugSession;
  if (!session) throw new Error("no debug session is active");
  return session;
}

export async function topFrame(): Promise<DebugProtocol.StackFrame> {
  const body = (await activeSession().customRequest("stackTrace", {
    threadId: 1,
  })) as DebugProtocol.StackTraceResponse["body"];
  const [frame] = body.stackFrames;
  if (!frame) throw new Error("the call stack is empty");
  return frame;
}

/** Ends every session, and waits until they have ended. */
export async function stopAll(): Promise<void> {
  if (!vscode.debug.activeDebugSession) return;
  const ended = new Promise<void>((resolve) => {
    const listener = vscode.debug.onDidTerminateDebugSession(() => {
      listener.dispose();
      resolve();
    });
  });
  await vscode.debug.stopDebugging();
  await ended;
}
