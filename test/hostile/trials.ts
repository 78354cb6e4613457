import { ADAPTER_TRIALS } from "./adapter-trials.ts";
import { COMMANDS } from "./commands.ts";
import { DATA_FILES } from "./data-files.ts";
import { ENGINE_TRIALS } from "./engine-trials.ts";
import { ENVIRONMENTS } from "./environments.ts";
import { fileTrials } from "./file-trials.ts";
import { DATA, FILES } from "./files.ts";
import { FLOODS } from "./floods.ts";
import { KILLS } from "./kills.ts";
import { KILLS_ELSEWHERE } from "./kills-elsewhere.ts";
import { STOPS } from "./stops.ts";
import { SIBLINGS } from "./siblings.ts";
import { UNDER_LOAD } from "./under-load.ts";
import { ORDINARY_USER } from "./ordinary-user.ts";
import { RECORDINGS } from "./recordings.ts";
import { SCRIPTS } from "./scripts.ts";
import { TFJS_FILES } from "./tfjs-files.ts";
import type { Trial } from "./trial.ts";

/** The whole trial. */
export const TRIALS: readonly Trial[] = [
  ...fileTrials("files", FILES),
  ...fileTrials("siblings", SIBLINGS),
  ...fileTrials("data files", DATA),
  ...DATA_FILES,
  ...ENGINE_TRIALS,
  ...STOPS,
  ...FLOODS,
  ...ADAPTER_TRIALS,
  ...ENVIRONMENTS,
  ...ORDINARY_USER,
  ...KILLS_ELSEWHERE,
  ...KILLS,
  ...UNDER_LOAD,
  ...RECORDINGS,
  ...SCRIPTS,
  ...TFJS_FILES,
  ...COMMANDS,
];
