import { z } from "zod";
import type { PassSummary } from "../../protocol/engine.ts";
import type { Failure } from "../../protocol/failure.ts";
import { SiteSchema } from "./schemas.ts";

const Number_ = z.union([z.number(), z.nan(), z.literal([Infinity, -Infinity])]);

/** `run.json`, after the passes: all passes of the run, those that were not kept as well, and how it ended. */
export const RunDescription = z.object({
  passes: z.array(
    z.object({
      pass: z.int().min(0),
      within: z.int().min(0).optional(),
      kind: z.enum(["backward", "grad"]),
      loss: Number_.nullable(),
      nodeCount: z.int().min(0),
      site: SiteSchema.nullable(),
    }),
  ),
  failure: z
    .looseObject({ kind: z.string(), message: z.string(), site: SiteSchema.nullable(), fix: z.string().optional() })
    .nullable(),
});

export interface NewRun {
  readonly passes: readonly Omit<PassSummary, "kept">[];
  readonly failure: Failure | null;
}
