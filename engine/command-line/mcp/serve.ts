import { once } from "node:events";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { EDITOR_VARIABLE } from "../../protocol/assistant.ts";
import { VERSION } from "../../session/recording/recording-task.ts";
import type { McpCommand } from "../arguments.ts";
import { AllowedFiles } from "./allowed-files.ts";
import { registerCommandTools } from "./command-tools.ts";
import { KeptRuns } from "./kept-runs.ts";
import { registerReadingTools } from "./reading-tools.ts";

const INSTRUCTIONS =
  'Backstep runs a model file (TypeScript or JavaScript that imports "backstep", or Python that imports torch), records ' +
  "its backward passes, and compares gradients with finite differences. Begin with `check` when a gradient may be wrong, " +
  "with `diagnose` when the training does not work although gradients are right, then read the nodes that they name. " +
  "Passes are counted from 0, and nodes are numbered within a pass. A tool runs the file, and writes no file itself.";

/** `backstep mcp`: serves one assistant until it closes the stream. @returns the exit status */
export async function serveAssistant({ folders, interpreter }: McpCommand): Promise<number> {
  const files = new AllowedFiles(folders);
  const runs = new KeptRuns();
  const server = new McpServer({ name: "backstep", version: VERSION }, { instructions: INSTRUCTIONS });
  registerCommandTools(server, { files, interpreter });
  registerReadingTools(server, { files, runs, interpreter, editor: process.env[EDITOR_VARIABLE] ?? null });
  const closed = once(process.stdin, "close");
  await server.connect(new StdioServerTransport());
  await closed;
  await runs.close();
  await server.close();
  return 0;
}
