import { whatIfJob } from "../check/replay/what-if-job.ts";
import { explainJob } from "../recorders/pytorch/explain-job.ts";
import { checkJob } from "../check/check-job.ts";
import type { JobHandler } from "../threads/pool-job.ts";

/** What pool threads can run alone, by kind. */
export const replayJobs: Readonly<Record<string, JobHandler>> = {
  check: checkJob,
  "what-if": whatIfJob,
  explain: explainJob,
};
