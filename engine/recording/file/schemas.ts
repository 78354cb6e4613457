import { z } from "zod";

/** A range of a source file. */
export const SiteSchema = z.object({
  file: z.string(),
  line: z.int().min(1),
  column: z.int().min(1),
  endLine: z.int().min(1),
  endColumn: z.int().min(1),
  within: z.string().optional(),
});
