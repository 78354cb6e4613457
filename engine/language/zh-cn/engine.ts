import type { Catalogue } from "../translate.ts";
import { CAUSES } from "./causes.ts";
import { FAILURES } from "./failures.ts";
import { FINDINGS } from "./findings.ts";
import { RANKS } from "./ranks.ts";
import { REFUSALS } from "./refusals.ts";

/** All that the engine says, in Simplified Chinese, by the English sentences with their values numbered. */
export const ENGINE: Catalogue = { ...REFUSALS, ...FAILURES, ...CAUSES, ...FINDINGS, ...RANKS };
