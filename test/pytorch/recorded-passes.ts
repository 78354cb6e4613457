import { StructurePass } from "../../engine/reading/structure-pass.ts";
import type { Frame } from "../../engine/recorders/pytorch/frame-stream.ts";
import { passData } from "../../engine/recorders/pytorch/python-columns.ts";
import { PythonProcess, type PythonEnd } from "../../engine/recorders/pytorch/python-process.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import type { StopOn } from "../../engine/protocol/engine.ts";

/** A pass that a script has stopped after, and how to ask for its tensors. */
export interface RecordedStop {
  readonly pass: StructurePass;
  /** The elements of a tensor of the stopped pass. */
  tensor(which: object): Promise<readonly number[]>;
  /** Where the engine's side listens. */
  readonly port: number;
  ask(method: string, parameters?: object): Promise<Frame>;
}

export interface RecordedRun {
  readonly output: string;
  readonly end: PythonEnd;
}

/** Runs a command under the recorder to its end, and visits each pass that it stops after. */
export async function record(
  executable: string,
  command: readonly string[],
  visit: (stop: RecordedStop) => Promise<void> = () => Promise.resolve(),
  { stopOn = { kind: "every" }, cwd = process.cwd() }: { stopOn?: StopOn; cwd?: string } = {},
): Promise<RecordedRun> {
  let output = "";
  const failures: Error[] = [];
  const running: PythonProcess = await PythonProcess.start(
    {
      interpreter: { executable, found: "for a test" },
      command,
      cwd,
      settings: {
        ...{ stopOn, recording: "light", report: null, seed: null, historyBytes: 2 ** 26, historyLeast: 0 },
        ...{ log: true, findings: true },
      },
    },
    {
      output: (_, text) => void (output += text),
      stays: () => running.resume(),
      event: (frame) => {
        if (frame.header["event"] !== "stopped") return;
        const pass = frame.header["pass"];
        const stop = async (): Promise<void> => {
          const stopped = new StructurePass(passData(await running.ask("pass", { pass }), command.at(-1)!), new Map());
          await visit({
            pass: stopped,
            port: running.port,
            ask: (method, parameters) => running.ask(method, { pass, ...parameters }),
            tensor: async (which) => elementsOf(await running.ask("tensor", { pass, ...which })),
          });
        };
        void stop()
          .catch((error: unknown) => {
            failures.push(error instanceof Error ? error : new Error((error as Failure).message));
          })
          .then(() => running.resume());
      },
    },
  );
  const end = await running.ended;
  for (const failure of failures) throw failure;
  return { output, end };
}

function elementsOf({ header, bytes }: Frame): readonly number[] {
  const copy = Uint8Array.from(bytes).buffer;
  switch (header["dtype"]) {
    case "float32":
    case "complex64":
      return [...new Float32Array(copy)];
    case "float64":
      return [...new Float64Array(copy)];
    case "bfloat16":
      return [...new Uint16Array(copy)].map((bits) => new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!);
    default:
      throw new Error(`no gradient has the dtype ${String(header["dtype"])}`);
  }
}
