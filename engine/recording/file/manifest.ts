import { z } from "zod";
import { RankIdentitySchema } from "./rank-file.ts";

/** What this version writes. Files of a later one are refused: they may mean something else. */
export const FORMAT_VERSION = 1;

/** `manifest.json`, the first entry: what the recording is of, and by whom. */
export const Manifest = z.object({
  format: z.literal(FORMAT_VERSION),
  producer: z.object({ name: z.string(), version: z.string() }),
  /** Absolute path of the program that was run. */
  program: z.string(),
  args: z.array(z.string()),
  /** What ran the ops: "backstep", "torch". */
  framework: z.object({ name: z.string(), version: z.string() }),
  device: z.string(),
  seed: z.int().nullable(),
  /** When it was saved, as ISO 8601. */
  created: z.string(),
  /** Which rank it is of, where several train together. */
  rank: RankIdentitySchema.optional(),
});
export type Manifest = Readonly<z.infer<typeof Manifest>>;

/** The manifest of any version: enough to say why it is refused. */
export const AnyManifest = z.object({ format: z.int().min(1) });
