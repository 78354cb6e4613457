import { delimiter, dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The environment in which `python -m backstep_recorder` is found. The recorder gives the script its own back. */
export function recorderEnvironment(outer: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = dirname(fileURLToPath(new URL("./backstep_recorder/", import.meta.url)));
  return {
    ...outer,
    ...(outer["PYTHONPATH"] !== undefined && { BACKSTEP_OUTER_PYTHONPATH: outer["PYTHONPATH"] }),
    ...(outer["PYTHONUNBUFFERED"] !== undefined && { BACKSTEP_OUTER_PYTHONUNBUFFERED: outer["PYTHONUNBUFFERED"] }),
    PYTHONPATH: [ours, ...(outer["PYTHONPATH"] ? [outer["PYTHONPATH"]] : [])].join(delimiter),
    PYTHONUNBUFFERED: "1",
    TORCHDYNAMO_DISABLE: "1",
  };
}
