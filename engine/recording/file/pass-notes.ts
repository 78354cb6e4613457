import { z } from "zod";
import type { Cause, CheckRow } from "../../protocol/check.ts";
import type { Frame } from "../../protocol/failure.ts";
import { SiteSchema } from "./schemas.ts";

const Index = z.int().min(0);
const Doubles = z.instanceof(Float64Array);
const Number_ = z.union([z.number(), z.nan(), z.literal([Infinity, -Infinity])]);

const cause = {
  kind: z.string(),
  text: z.string(),
  ratio: Number_.optional(),
  fix: z.object({ kind: z.enum(["append", "multiply", "write", "say"]), code: z.string() }).optional(),
  backward: SiteSchema.optional(),
} satisfies Record<keyof Cause, z.ZodType>;

/** Every field that a check row has stands here: what is forgotten would be lost in a recording, and does not compile. */
const verdict = {
  node: Index.nullable(),
  scope: z.enum(["op", "parameter", "result"]),
  name: z.string(),
  label: z.string(),
  input: Index.nullable(),
  inputName: z.string().optional(),
  site: SiteSchema.nullable(),
  verdict: z.enum(["pass", "fail", "inconclusive"]),
  evidence: Doubles.refine((numbers) => numbers.length === 5, "five numbers are the evidence"),
  worst: z.array(Index),
  compared: Index,
  of: Index,
  together: z.literal(true).optional(),
  order: z.literal(2).optional(),
  elements: Doubles.refine((numbers) => numbers.length % 4 === 0, "four numbers are an element's").optional(),
  cause: z.object(cause).optional(),
  reason: z.string().optional(),
} satisfies Record<keyof CheckRow, z.ZodType>;

const Verdict = z.object(verdict) as unknown as z.ZodType<CheckRow>;

const StackFrame: z.ZodType<Frame> = z.object({
  name: z.string(),
  site: SiteSchema,
}) as unknown as z.ZodType<Frame>;

/** What was known of a pass when it was saved, besides what it recorded. */
export const PassNotes = z.object({
  /** Verdicts that were found. */
  verdicts: z.array(Verdict),
  /** The user's frames at the time of an op's call, innermost first, as indices into `frames`, by row. */
  frames: z.array(StackFrame),
  stacks: z.array(z.tuple([Index, z.array(Index)])),
});
export type PassNotes = Readonly<z.infer<typeof PassNotes>>;
export const NO_NOTES: PassNotes = { verdicts: [], frames: [], stacks: [] };
