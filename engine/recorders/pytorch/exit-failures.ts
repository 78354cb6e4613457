import type { Failure } from "../../protocol/failure.ts";
import type { Site } from "../../protocol/site.ts";
import type { Interpreter } from "./interpreter.ts";

/** Exit status of a Python that cannot run the recorder; its standard error says why. */
export const UNFIT = 72;

const OLDEST_PYTHON = "3.9";
const OLDEST_TORCH = "1.13";

/** Why an interpreter cannot run a script: no torch, a version that is too old, or something that only Python can tell. */
export function unfitFailure({ executable, found }: Interpreter, said: string): Failure {
  const [, reason, detail] = /^backstep: (python|torch|engine): (.*)$/mu.exec(said) ?? [];
  const name = `${executable} (${found})`;
  const fix =
    "choose the Python of another environment: with “Backstep: Choose Python...” in VS Code, with --python elsewhere";
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

/** Torchrun has ended, and the script of a rank never began; the last line that it printed says why. */
export function torchrunFailure(code: number | null, tail: string): Failure {
  const last = tail.trim().split("\n").pop() ?? "";
  const message = `torchrun ended with exit status ${code} before the script began${last === "" ? "" : `: ${last}`}`;
  return { kind: "environment", message, site: null };
}

const MOST_NAMES = 5;

function listed(names: readonly string[]): string {
  return names.slice(0, MOST_NAMES).join(", ") + (names.length > MOST_NAMES ? ", …" : "");
}

const PUT_BACK = "let the script keep what Python, its library and torch have under these names";

/** The recorder itself has thrown, in a script that has replaced what the recorder calls. */
export function stumbleFailure(replaced: readonly string[], error: string, site: Site | null): Failure {
  const message = `it cannot be recorded any further, since it has replaced ${listed(replaced)}: ${error}`;
  return { kind: "environment", message, site, fix: PUT_BACK };
}

/** An exception that came out of the recorder, or of a function of torch that it called for the script. */
export function perhapsReplaced(failure: Failure, replaced: readonly string[]): Failure {
  return { ...failure, fix: `is it because the script has replaced ${listed(replaced)}?` };
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether the script had come to its end by then. */
  readonly ended: boolean;
  /** The last of what it printed as errors. */
  readonly tail: string;
}

/**
 * Why a script's process is gone, where the script did not come to its end; null where all is well.
 * @param hasBegun whether the recorder was heard of
 */
export function exitFailure(
  { executable, found }: Interpreter,
  hasBegun: boolean,
  { code, signal, ended, tail }: Exit,
): Failure | null {
  if (signal !== null) {
    const fix = "was it short of memory? The system ends the largest process then";
    const message = `the script's process was ended by signal ${signal}`;
    return { kind: "crashed", message, site: null, ...(signal === "SIGKILL" && { fix }) };
  }
  if (!hasBegun) {
    const last = tail.trim().split("\n").at(-1);
    const message = `${executable} (${found}) ended with exit status ${code} before the script began${last === "" ? "" : `: ${last}`}`;
    return { kind: "environment", message, site: null, fix: "is it a Python?" };
  }
  if (code === 0 && ended) return null;
  if (code === null) return { kind: "crashed", message: "its process is gone, and has not said why", site: null };
  const how = ended ? `ended with exit status ${code}` : `ended its own process with exit status ${code}`;
  return { kind: "exited", message: `the script ${how}`, site: null };
}
