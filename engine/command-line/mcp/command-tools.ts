import { dirname, extname } from "node:path";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import * as z from "zod";
import { CHECK_MODES } from "../../protocol/check.ts";
import type { Finding } from "../../protocol/finding.ts";
import { PYTHON_EXTENSION, RECORDING_EXTENSION } from "../../protocol/model-file.ts";
import type { RunReport } from "../../protocol/report.ts";
import { CommandLineError } from "../command-line-error.ts";
import type { AllowedFiles } from "./allowed-files.ts";
import { answer, endOf, firstOf } from "./answers.ts";
import { runJsonCommand, type JsonAnswer } from "./json-command.ts";

const MOST_PASSES = 20;
const MOST_LEAVES = 40;
const MOST_ROWS = 15;
const MOST_FINDINGS = 20;
const MOST_OUTPUT = 4000;

/** Annotations of a tool that runs a file of the user's, which is what people do with it anyway. */
export const READS = { readOnlyHint: true, openWorldHint: false } as const;

export const FILE = z
  .string()
  .max(1000)
  .describe("Path of a model file or a recording, absolute or relative to the folder.");
export const SECONDS = z.number().int().min(1).max(600).default(120).describe("Time limit for running the file.");
const SEED = z.number().int().min(0).optional().describe("Seeds the random numbers before the file runs.");

export interface CommandToolContext {
  readonly files: AllowedFiles;
  readonly interpreter: string | null;
}

/** The tools that are commands of this program: `run`, `check`, `diagnose`, each with the words of the command. */
export function registerCommandTools(server: McpServer, { files, interpreter }: CommandToolContext): void {
  const command = async (
    args: readonly string[],
    { file, seconds, seed }: { readonly file: string; readonly seconds: number; readonly seed?: number | undefined },
    signal: AbortSignal,
  ): Promise<JsonAnswer> => {
    const path = files.find(file);
    const python = interpreter !== null && extname(path) === PYTHON_EXTENSION ? ["--python", interpreter] : [];
    const seeded = seed === undefined ? [] : ["--seed", String(seed)];
    const done = await runJsonCommand([...args, path, ...python, ...seeded], {
      folder: dirname(path),
      seconds,
      signal,
    });
    if (done.stopped) throw new CommandLineError(`ended after ${seconds} s, before the file had; ${done.messages}`);
    if (done.report === null) throw new CommandLineError(done.messages.trim() || "the command printed nothing");
    return done;
  };

  server.registerTool(
    "run",
    {
      title: "Run a model file",
      description:
        "Runs a model file to its end. Answers with each backward pass (loss, nodes, gradient norm of each leaf) and what " +
        "it printed. Of a recording it answers with what was recorded.",
      inputSchema: { file: FILE, seconds: SECONDS, seed: SEED },
      annotations: READS,
    },
    ({ file, ...options }, { signal }) =>
      answer(async () => {
        const kind = extname(file) === RECORDING_EXTENSION ? "show" : "run";
        const { report, messages } = await command([kind], { file, ...options }, signal);
        return describeRun(report as ShownReport, messages);
      }),
  );

  server.registerTool(
    "check",
    {
      title: "Check gradients",
      description:
        "Compares the gradient of every op and every parameter with finite differences. Answers with what is wrong first: " +
        "the op, its line, the two numbers, the error bar, the cause, and what to write instead where that is known.",
      inputSchema: {
        file: FILE,
        pass: z.number().int().min(0).optional().describe("By default the first pass of each distinct structure."),
        mode: z.enum(CHECK_MODES).default("sampled").describe("How each parameter is compared; local: ops only, fast."),
        seconds: SECONDS,
        seed: SEED,
      },
      annotations: READS,
    },
    ({ pass, mode, ...options }, { signal }) =>
      answer(async () => {
        const which = pass === undefined ? [] : ["--pass", String(pass)];
        const { report, messages } = await command(["check", "--mode", mode, ...which], options, signal);
        return describeCheck(report as CheckReport, messages);
      }),
  );

  server.registerTool(
    "diagnose",
    {
      title: "Diagnose the training",
      description:
        "Runs a model file and says what is wrong with its training although every gradient is right: a softmax before a " +
        "cross-entropy, a missing zeroGrad, parameters that no optimizer has, a learning rate that diverges, and so on.",
      inputSchema: { file: FILE, seconds: SECONDS, seed: SEED },
      annotations: READS,
    },
    (options, { signal }) =>
      answer(async () => {
        const { report, messages } = await command(["diagnose"], options, signal);
        const { findings, ...rest } = report as { readonly findings: readonly Finding[] };
        return { ...rest, findings: firstOf(findings, MOST_FINDINGS), ...said(messages) };
      }),
  );
}

interface CheckRowReport {
  readonly verdict: "pass" | "fail" | "inconclusive";
}

interface CheckReport {
  readonly passes: readonly {
    readonly index: number;
    readonly loss: number | null;
    readonly ops: readonly CheckRowReport[];
    readonly params: readonly CheckRowReport[];
  }[];
  readonly summary: unknown;
}

/** What is wrong, whole; of what is right, how many. */
function describeCheck({ passes, summary }: CheckReport, messages: string): unknown {
  const rows = (verdict: CheckRowReport["verdict"]): unknown =>
    firstOf(
      passes.flatMap(({ index, ops, params }) =>
        [...ops, ...params].filter((row) => row.verdict === verdict).map((row) => ({ pass: index, ...row })),
      ),
      MOST_ROWS,
    );
  return {
    summary,
    passes: firstOf(
      passes.map(({ index, loss }) => ({ index, loss })),
      MOST_PASSES,
    ),
    wrong: rows("fail"),
    inconclusive: rows("inconclusive"),
    ...said(messages),
  };
}

/** A recording keeps nothing of what was printed. */
type ShownReport = Omit<RunReport, "output"> & Partial<Pick<RunReport, "output">>;

/** The first passes and the last ones; what was printed, its end. */
function describeRun(report: ShownReport, messages: string): unknown {
  const { passes, output, ...rest } = report;
  const told = passes.map((pass) => ("leaves" in pass ? { ...pass, leaves: firstOf(pass.leaves, MOST_LEAVES) } : pass));
  const isLong = told.length > 2 * MOST_PASSES;
  return {
    ...rest,
    passes: isLong
      ? {
          first: told.slice(0, 3),
          last: told.slice(-3),
          losses: thinned(passes.map(({ loss }) => loss)),
          count: told.length,
        }
      : firstOf(told, MOST_PASSES),
    ...(output && { output: endOf(output.map(({ text }) => text).join("\n"), MOST_OUTPUT) }),
    ...said(messages),
  };
}

/** At most so many of a course, evenly, its first and its last among them. */
function thinned(
  losses: readonly (number | null)[],
): readonly { readonly pass: number; readonly loss: number | null }[] {
  const step = (losses.length - 1) / (MOST_PASSES - 1);
  return Array.from({ length: MOST_PASSES }, (_, i) => Math.round(i * step)).map((pass) => ({
    pass,
    loss: losses[pass]!,
  }));
}

function said(messages: string): { readonly messages?: string } {
  return messages.trim() === "" ? {} : { messages: endOf(messages.trim(), MOST_OUTPUT) };
}
