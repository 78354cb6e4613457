import { createConnection } from "node:net";
import { CommandLineError } from "../command-line-error.ts";
import type { OpenRequest } from "../../protocol/assistant.ts";

const PATIENCE_MILLISECONDS = 60_000;

/** Asks the editor that started this server to show a node. @param socket where it listens */
export function openInEditor(socket: string, request: OpenRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(socket, () => connection.end(`${JSON.stringify(request)}\n`));
    connection.setTimeout(PATIENCE_MILLISECONDS, () =>
      connection.destroy(new CommandLineError("the editor is silent")),
    );
    let answer = "";
    connection.setEncoding("utf8").on("data", (text: string) => (answer += text));
    connection.once("error", reject);
    connection.once("end", () => {
      // An empty answer says that it is done.
      if (answer.trim() === "") resolve();
      else reject(new CommandLineError(answer.trim()));
    });
  });
}
