import { z } from "zod";
import type { RankReport } from "../ranks/rank-reports.ts";
import { SiteSchema } from "./schemas.ts";

/** In the manifest of a recording of one of several ranks: which one, of which run. */
export const RankIdentitySchema = z.object({
  rank: z.int().min(0),
  ranks: z.int().min(1),
  run: z.string(),
  began: z.number(),
});

const Index = z.int().min(0);
const Place = SiteSchema.nullable();
const Numbers = z.tuple([z.number(), z.number(), z.number(), z.number()]).nullable();
const Group = z.array(Index).nullable();
/** Recordings of earlier releases do not have it. */
const GroupName = z.string().nullable().default(null);

const Call = z.object({
  call: z.string(),
  group: Group,
  groupName: GroupName,
  ordered: z.boolean(),
  site: Place,
});

const Leaf = z.object({
  name: z.string(),
  row: Index.nullable(),
  op: z.string().nullable(),
  site: Place,
  shape: z.array(Index),
  epsilon: z.number(),
  promise: z.enum(["reduced", "postponed", "bypassed", "hooked", "by-hand", "shard"]).nullable(),
  divisor: z.number().nullable(),
  model: z.int(),
  group: Group,
  value: Numbers,
  before: Numbers,
  local: Numbers,
  after: Numbers,
});

const Pass = z.object({
  event: z.literal("rank.pass"),
  pass: Index,
  site: Place,
  turn: z.string().nullable(),
  leaves: z.array(Leaf),
  bad: z
    .object({ row: Index, op: z.string(), label: z.string(), site: Place, when: z.enum(["forward", "backward"]) })
    .nullable(),
  seed: z.number(),
  failed: z.boolean(),
});

const Step = z.object({
  event: z.literal("rank.step"),
  optimizer: z.object({ number: Index, name: z.string() }),
  step: Index,
  site: Place,
  rates: z.array(z.record(z.string(), z.string())),
  scale: z.number().nullable(),
  gradients: z.array(z.object({ name: z.string(), model: z.int(), group: Group.default(null), numbers: Numbers })),
});

const Reduction = z.object({
  event: z.literal("rank.reduction"),
  turn: Index,
  pass: Index,
  name: z.string(),
  group: Group,
  groupName: GroupName,
  site: Place,
  epsilon: z.number(),
  divisor: z.number().nullable(),
  before: Numbers,
  after: Numbers,
});

const Report = z.discriminatedUnion("event", [
  z.object({ event: z.literal("rank.call"), call: Call.nullable() }),
  Pass,
  Step,
  Reduction,
]) as unknown as z.ZodType<RankReport>;

/** As JSON has them, with null where there is no number: long columns are read several times as fast as typed ones. */
const Doubles = z
  .array(z.number().nullable())
  .transform((list): Float64Array => Float64Array.from(list, (x) => x ?? NaN));

/** A kept pass in a few numbers for each row, to be drawn beside the same pass of other ranks. */
const Columns = z.object({
  pass: Index,
  rows: Index,
  /** Equal for passes of the same ops, wired the same way. */
  key: z.int(),
  /** Rows of parameters. */
  parameters: z.array(Index),
  /** The norm of each row's gradient; in `bad`, how many of its elements are not finite. */
  norms: Doubles,
  bad: Doubles,
  /** Four numbers of each parameter's value, and four of its `.grad`. */
  compared: Doubles,
});

const Rows = Columns.refine(
  ({ rows, parameters, norms, bad, compared }) =>
    norms.length === rows &&
    bad.length === rows &&
    compared.length === 8 * parameters.length &&
    parameters.every((row) => row < rows),
  "its columns are of one length",
);

/** `rank.json`, after the passes: what a rank has told, by which it is held against the others. */
export const RankNotes = z.object({
  reports: z.array(Report),
  /** How many reports came after these and were not kept. */
  dropped: Index,
  passes: z.array(Rows),
});
export type RankNotes = Readonly<z.infer<typeof RankNotes>>;
export type RankRows = RankNotes["passes"][number];

export function encodeRank(notes: RankNotes): string {
  return JSON.stringify(notes, (_, entry: unknown) => (entry instanceof Float64Array ? Array.from(entry) : entry));
}
