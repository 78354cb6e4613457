import { delimiter, dirname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The environment in which `python -m backstep_recorder` is found. The recorder gives the script its own back.
 * @param hashSeed what decides the hashes of strings in place of the system's entropy, where the outer environment leaves it to that
 */
export function recorderEnvironment(outer: NodeJS.ProcessEnv, hashSeed?: number): NodeJS.ProcessEnv {
  const ownSeed = outer["PYTHONHASHSEED"];
  const isFree = ownSeed === undefined || ownSeed === "" || ownSeed === "random";
  const ours = dirname(fileURLToPath(new URL("./backstep_recorder/", import.meta.url)));
  return {
    ...outer,
    ...(outer["PYTHONPATH"] !== undefined && { BACKSTEP_OUTER_PYTHONPATH: outer["PYTHONPATH"] }),
    ...(outer["PYTHONUNBUFFERED"] !== undefined && { BACKSTEP_OUTER_PYTHONUNBUFFERED: outer["PYTHONUNBUFFERED"] }),
    PYTHONPATH: [ours, ...(outer["PYTHONPATH"] ? [outer["PYTHONPATH"]] : [])].join(delimiter),
    ...(ownSeed !== undefined && { BACKSTEP_OUTER_PYTHONHASHSEED: ownSeed }),
    ...(isFree && hashSeed !== undefined && { PYTHONHASHSEED: String(hashSeed) }),
    PYTHONUNBUFFERED: "1",
    TORCHDYNAMO_DISABLE: "1",
  };
}
