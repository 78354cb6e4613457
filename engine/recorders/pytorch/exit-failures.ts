import type { Failure } from "../../protocol/failure.ts";
import type { Interpreter } from "./interpreter.ts";

/** Exit status of a Python that cannot run the recorder; its standard error says why. */
export const UNFIT = 72;

const OLDEST_PYTHON = "3.9";
const OLDEST_TORCH = "1.13";

/** Why an interpreter cannot run a script: no torch, a version that is too old, or something that only Python can tell. */
export function unfitFailure({ executable, found }: Interpreter, said: string): Failure {
  const [, reason, detail] = /^backstep: (python|torch|engine): (.*)$/mu.exec(said) ?? [];
  const name = `${executable} (${found})`;
  const fix = 'name the interpreter of another environment with --python, or in the launch configuration with "python"';
  const failure = (message: string): Failure => ({ kind: "environment", message, site: null, fix });
  if (reason === "python") return failure(`${name} is ${detail}, and Backstep needs Python ${OLDEST_PYTHON} or newer`);
  if (reason === "torch" && detail!.startsWith("ModuleNotFoundError: No module named 'torch'")) {
    return failure(`${name} has no torch`);
  }
  if (reason === "torch" && detail!.startsWith("torch ")) {
    return failure(`${name} has ${detail}, and Backstep needs torch ${OLDEST_TORCH} or newer`);
  }
  if (reason === "torch") return failure(`${name} cannot import torch: ${detail}`);
  return failure(`${name} ${said.trim()}`);
}

/** Why a script's process is gone, where the script did not come to its end; null where all is well. */
export function exitFailure(
  interpreter: Interpreter,
  code: number | null,
  signal: NodeJS.Signals | null,
  cameToItsEnd: boolean,
  tail: string,
): Failure | null {
  if (signal !== null) {
    const fix = "was it short of memory? The system ends the largest process then";
    const message = `the script's process was ended by signal ${signal}`;
    return { kind: "crashed", message, site: null, ...(signal === "SIGKILL" && { fix }) };
  }
  if (code === 0 && cameToItsEnd) return null;
  if (cameToItsEnd) return { kind: "exited", message: `the script ended with exit status ${code}`, site: null };
  if (code === 0) return { kind: "exited", message: "the script ended its own process", site: null };
  const last = tail.trim().split("\n").at(-1);
  const { executable, found } = interpreter;
  return {
    kind: "exited",
    message: `${executable} (${found}) ended with exit status ${code}${last === "" ? "" : `: ${last}`}`,
    site: null,
  };
}
