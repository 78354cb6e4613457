import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const repository = path.resolve(import.meta.dirname, "../..");
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 4_000;

/** Where `npm start` and `npm test` install the embedded VS Code. */
export const codeServerFolder = path.join(repository, ".vscode-host", "code-server");
export const codeServerScript = path.join(codeServerFolder, "node_modules", "code-server", "out", "node", "entry.js");

/** A quiet VS Code: nothing of its own opens, pops up or phones home. */
const SETTINGS = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.colorTheme": "Dark Modern",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "window.commandCenter": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "extensions.webWorker": false,
  "update.mode": "none",
  "chat.disableAIFeatures": true,
  "git.enabled": false,
  "remote.autoForwardPorts": false,
  "editor.minimap.enabled": false,
  "files.autoSave": "off",
};

/** Restricted, and no question about it at the start. */
const UNTRUSTED = { "security.workspace.trust.enabled": true, "security.workspace.trust.startupPrompt": "never" };

/** A port that nothing listens on: the preferred one if it is free, else any. */
async function freePort(preferred: number): Promise<number> {
  const probe = createServer().listen(preferred, "127.0.0.1");
  try {
    await once(probe, "listening");
  } catch (error) {
    if (preferred !== 0) return freePort(0);
    throw error;
  }
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

export interface CodeServerOptions {
  /** Where settings, extensions and logs are kept; a temporary folder, removed at the end, when left out. */
  readonly home?: string;
  /** The port to listen on if it is free; any, when left out. */
  readonly preferredPort?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Whether folders are untrusted until somebody says otherwise, as in a VS Code of people's own. */
  readonly workspaceTrust?: boolean;
}

/** VS Code as a server, on a port and with a home of its own; a browser is its window. */
export class CodeServer {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #removeAtEnd: string | null;
  readonly #killAtExit: () => void;
  #log = "";

  private constructor(child: ChildProcess, port: number, removeAtEnd: string | null) {
    this.#process = child;
    this.port = port;
    this.#removeAtEnd = removeAtEnd;
    // Whatever ends this process, the server ends with it.
    this.#killAtExit = () => child.kill("SIGTERM");
    process.once("exit", this.#killAtExit);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8");
      stream?.on("data", (text: string) => (this.#log = (this.#log + text).slice(-100_000)));
    }
  }

  /** Starts a server with the packaged extensions given, and waits until it answers. */
  static async start(vsixFiles: readonly string[], options: CodeServerOptions = {}): Promise<CodeServer> {
    if (!existsSync(codeServerScript)) throw new Error(`the embedded VS Code is not installed: ${codeServerScript}`);
    const home = options.home ?? (await mkdtemp(path.join(tmpdir(), "backstep-vscode-")));
    const userData = path.join(home, "data");
    await mkdir(path.join(userData, "User"), { recursive: true });
    await writeFile(
      path.join(userData, "User", "settings.json"),
      JSON.stringify({ ...SETTINGS, ...(options.workspaceTrust && UNTRUSTED), ...options.settings }, null, 2),
    );
    await writeFile(path.join(home, "config.yaml"), "");
    const folders = ["--config", path.join(home, "config.yaml"), "--user-data-dir", userData];
    folders.push("--extensions-dir", path.join(home, "extensions"));
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      // An empty gallery: the server must not look anything up.
      EXTENSIONS_GALLERY: '{"serviceUrl":""}',
      XDG_CONFIG_HOME: home,
      XDG_DATA_HOME: home,
      ...options.env,
    };
    // Set in a terminal of VS Code itself, where it would make code-server open files in that window instead.
    delete env["VSCODE_IPC_HOOK_CLI"];

    for (const vsix of vsixFiles) await runToEnd([...folders, "--install-extension", vsix, "--force"], env);

    const port = await freePort(options.preferredPort ?? 0);
    const child = spawn(
      process.execPath,
      [
        codeServerScript,
        ...folders,
        ...["--auth", "none", "--bind-addr", `127.0.0.1:${port}`],
        ...["--disable-telemetry", "--disable-update-check"],
        ...(options.workspaceTrust ? [] : ["--disable-workspace-trust"]),
        "--disable-getting-started-override",
      ],
      { env, stdio: ["ignore", "pipe", "pipe"] },
    );
    const server = new CodeServer(child, port, options.home === undefined ? home : null);
    await server.#healthy();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** The last of what the server printed. */
  get log(): string {
    return this.#log;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const gone = once(this.#process, "exit");
      this.#process.kill("SIGTERM");
      const late = setTimeout(() => this.#process.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await gone;
      clearTimeout(late);
    }
    process.off("exit", this.#killAtExit);
    if (this.#removeAtEnd !== null) await rm(this.#removeAtEnd, { recursive: true, force: true, maxRetries: 5 });
  }

  async #healthy(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < deadline && this.#process.exitCode === null) {
      const answer = await fetch(`${this.url}healthz`).catch(() => null);
      if (answer?.ok === true) return;
      await delay(50);
    }
    await this.stop();
    throw new Error(`code-server did not start:\n${this.#log}`);
  }
}

async function runToEnd(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, [codeServerScript, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (output += data.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`code-server ${args.slice(-3).join(" ")} failed:\n${output}`);
}
