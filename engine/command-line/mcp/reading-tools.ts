import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import * as z from "zod";
import type { Engine, PassSummary } from "../../protocol/engine.ts";
import type { PassGraph } from "../../protocol/graph.ts";
import type { JobId, NodeId } from "../../protocol/ids.ts";
import { CommandLineError } from "../command-line-error.ts";
import type { AllowedFiles } from "./allowed-files.ts";
import { answer } from "./answers.ts";
import { FILE, READS, SECONDS } from "./command-tools.ts";
import { openInEditor } from "./editor-link.ts";
import type { KeptRuns } from "./kept-runs.ts";
import { NodeNames } from "./node-names.ts";
import { describeExplanation, describeNode, describeWhatIf } from "./node-answers.ts";

/** Nobody cancels it, so one number does for all. */
const WHAT_IF = 0 as JobId;

const MOST_PASSES = 100;
const MOST_NODES = 100;
const MOST_EDITS = 64;
const MOST_AXES = 16;

const PASS = z.number().int().min(0).optional().describe("By default the newest that is kept.");
const NODE = z.number().int().min(0).describe("Number of a node, as find_nodes and check give it.");
const INDEX = z
  .array(z.number().int().min(0))
  .max(MOST_AXES)
  .describe("Index of an element: [row, column]; [] of a scalar.");

export interface ReadingToolContext {
  readonly files: AllowedFiles;
  readonly runs: KeptRuns;
  readonly interpreter: string | null;
  /** Where the editor listens that started the server; null without one. */
  readonly editor: string | null;
}

interface Place {
  readonly file: string;
  readonly pass?: number | undefined;
  readonly seconds: number;
}

/** The tools that read recorded passes: one run of the file answers many of them. */
export function registerReadingTools(
  server: McpServer,
  { files, runs, interpreter, editor }: ReadingToolContext,
): void {
  const opened = async ({ file, pass, seconds }: Place): Promise<Opened> => {
    const path = files.find(file);
    const { engine, summary } = await runs.pass({ file: path, seconds, interpreter }, pass ?? null);
    const graph = await engine.graph(summary.pass);
    return { path, engine, summary, graph, names: new NodeNames(graph, (one) => files.shorten(one)) };
  };
  const at = async (place: Place & { readonly node: number }): Promise<Opened & { readonly id: NodeId }> => {
    const found = await opened(place);
    const { graph, summary } = found;
    if (place.node < graph.nodeCount) return { ...found, id: place.node as NodeId };
    throw new CommandLineError(`pass ${summary.pass} has the nodes 0 to ${graph.nodeCount - 1}, and no ${place.node}`);
  };

  server.registerTool(
    "list_passes",
    {
      title: "List backward passes",
      description: "Runs a file to its end, or opens a recording, and lists its backward passes with losses and lines.",
      inputSchema: { file: FILE, seconds: SECONDS },
      annotations: READS,
    },
    ({ file, seconds }) =>
      answer(async () => {
        const run = await runs.run({ file: files.find(file), stopAt: null, seconds, interpreter });
        const passes = await run.engine.passes();
        const told = passes.slice(-MOST_PASSES).map((one) => ({
          pass: one.pass,
          kind: one.kind,
          loss: one.loss,
          nodes: one.nodeCount,
          ...(one.site && { site: `${files.shorten(one.site.file)}:${one.site.line}` }),
          ...(!one.kept && { kept: false }),
        }));
        return {
          count: passes.length,
          passes: told,
          ...(run.failure && { failure: run.failure.message }),
          ...(run.unfinished && { unfinished: `paused after ${seconds} s` }),
        };
      }),
  );

  server.registerTool(
    "find_nodes",
    {
      title: "Find nodes of a pass",
      description:
        "Lists nodes of a pass in the order of the forward pass: ops, parameters and data, with shape, line and norms. " +
        "Filters by text (in op, variable or module path) and by line of the source.",
      inputSchema: {
        file: FILE,
        pass: PASS,
        text: z.string().max(200).optional(),
        line: z.number().int().min(1).optional(),
        start: z.number().int().min(0).default(0).describe("How many matches to pass over."),
        seconds: SECONDS,
      },
      annotations: READS,
    },
    ({ text, line, start, ...place }) =>
      answer(async () => {
        const { engine, summary, graph, names } = await opened(place);
        const statistics = await engine.statistics(summary.pass);
        const wanted = text?.toLowerCase() ?? "";
        const matches = Array.from({ length: graph.nodeCount }, (_, node) => node as NodeId).filter(
          (node) => names.includes(node, wanted) && (line === undefined || names.siteOf(node)?.line === line),
        );
        return {
          pass: summary.pass,
          loss: summary.loss,
          matches: matches.length,
          nodes: matches.slice(start, start + MOST_NODES).map((node) => ({
            ...names.describe(node),
            valueNorm: statistics.valueNorm[node],
            ...(graph.requiresGrad[node] === 1 && { gradientNorm: statistics.gradNorm[node] }),
          })),
        };
      }),
  );

  server.registerTool(
    "read_node",
    {
      title: "Read a node",
      description:
        "Everything that is known of a node: value and gradient (statistics, and elements where there are few), formulas, " +
        "inputs, consumers with what each contributed to the gradient, verdict, and why a gradient is absent or zero.",
      inputSchema: { file: FILE, pass: PASS, node: NODE, seconds: SECONDS },
      annotations: READS,
    },
    (place) =>
      answer(async () => {
        const { engine, summary, names, id } = await at(place);
        return describeNode(await engine.node(summary.pass, id), names);
      }),
  );

  server.registerTool(
    "explain_element",
    {
      title: "Explain an element's gradient",
      description:
        "The chain rule at one element: each product upstream × local derivative that its gradient is the sum of.",
      inputSchema: { file: FILE, pass: PASS, node: NODE, index: INDEX, seconds: SECONDS },
      annotations: READS,
    },
    ({ index, ...place }) =>
      answer(async () => {
        const { engine, summary, names, id } = await at(place);
        return describeExplanation(await engine.explain(summary.pass, id, index), names);
      }),
  );

  server.registerTool(
    "what_if",
    {
      title: "What if an element were another",
      description:
        "Runs what depends on changed elements again, in float64: loss, norms and small tensors before and after. Nothing " +
        "recorded changes.",
      inputSchema: {
        file: FILE,
        pass: PASS,
        edits: z
          .array(
            z.object({
              node: NODE,
              plane: z.enum(["value", "gradient"]).default("value"),
              index: INDEX,
              value: z.number(),
            }),
          )
          .min(1)
          .max(MOST_EDITS),
        seconds: SECONDS,
      },
      annotations: READS,
    },
    ({ edits, ...place }) =>
      answer(async () => {
        const { engine, summary, graph, names } = await opened(place);
        const flat = edits.map(({ node, index, ...edit }) => ({
          ...edit,
          node: node as NodeId,
          element: flatIndex(names.shapeOf(node as NodeId), index, node),
        }));
        const [before, after] = await Promise.all([
          engine.statistics(summary.pass),
          engine.whatIf(WHAT_IF, summary.pass, flat),
        ]);
        return describeWhatIf(before, after, graph, names);
      }),
  );

  if (editor === null) return;
  server.registerTool(
    "open_at_node",
    {
      title: "Show a node in the editor",
      description: "Opens the graph of a pass in the editor, at a node. Runs the file there when no session shows it.",
      inputSchema: { file: FILE, pass: z.number().int().min(0), node: NODE },
      annotations: READS,
    },
    ({ file, pass, node }) =>
      answer(async () => {
        await openInEditor(editor, { file: files.find(file), pass, node });
        return { opened: file, pass, node };
      }),
  );
}

interface Opened {
  readonly path: string;
  readonly engine: Engine;
  readonly summary: PassSummary;
  readonly graph: PassGraph;
  readonly names: NodeNames;
}

/** Row-major. @throws CommandLineError where the tensor has no such element */
function flatIndex(shape: readonly number[], index: readonly number[], node: number): number {
  if (index.length !== shape.length || index.some((entry, axis) => entry >= shape[axis]!)) {
    throw new CommandLineError(
      `node ${node} is of shape [${shape.join(", ")}] and has no element [${index.join(", ")}]`,
    );
  }
  return index.reduce((flat, entry, axis) => flat * shape[axis]! + entry, 0);
}
