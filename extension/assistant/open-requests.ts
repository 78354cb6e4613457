import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import * as v from "valibot";
import type { OpenRequest } from "../../engine/protocol/assistant.ts";

/** A longer line is no request. */
const MOST_CHARACTERS = 8192;

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Request = v.object({
  file: v.pipe(
    v.string(),
    v.check((file) => path.isAbsolute(file)),
  ),
  pass: Count,
  node: Count,
});

/**
 * Listens for requests of the assistants' servers to show a node: on a socket in a folder that only this user can enter, or
 * on a pipe whose name cannot be guessed.
 */
export class OpenRequests {
  readonly #show: (request: OpenRequest) => Promise<void>;
  #listening: Promise<string> | null = null;
  #server: Server | null = null;
  #folder: string | null = null;

  /** @param show rejects with an error that says why it cannot */
  constructor(show: (request: OpenRequest) => Promise<void>) {
    this.#show = show;
  }

  /** Begins to listen, if it does not yet. @returns where */
  listen(): Promise<string> {
    this.#listening ??= this.#begin();
    return this.#listening;
  }

  async #begin(): Promise<string> {
    const address = await this.#address();
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(address, resolve));
    return address;
  }

  async #address(): Promise<string> {
    const name = `backstep-${randomBytes(16).toString("hex")}`;
    if (process.platform === "win32") return `\\\\.\\pipe\\${name}`;
    this.#folder = await mkdtemp(path.join(tmpdir(), "backstep-"));
    // Short: the path of a socket has some 100 characters at most.
    return path.join(this.#folder, "editor");
  }

  #serve(socket: Socket): void {
    let text = "";
    socket.on("error", () => socket.destroy());
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (text.length > MOST_CHARACTERS) socket.destroy();
    });
    socket.once("end", () => {
      this.#answer(text).then(
        () => socket.end(),
        (error: unknown) => socket.end(error instanceof Error ? error.message : String(error)),
      );
    });
  }

  async #answer(text: string): Promise<void> {
    await this.#show(v.parse(Request, JSON.parse(text)));
  }

  dispose(): void {
    this.#server?.close();
    // At once: who disposes of this may be the last thing that the extension host does.
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  }
}
