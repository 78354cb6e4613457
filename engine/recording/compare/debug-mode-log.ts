import { z } from "zod";

/** What `DebugMode.save_logs` of PyTorch calls its files, and the version of them that is read here. */
const FORMAT = "torch.utils._debug_mode.DebugMode.logs";
const VERSION = 1;

const Log = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  logs: z.array(
    z.looseObject({
      type: z.string(),
      op_name: z.string().optional(),
      output_str: z.string().nullable().optional(),
      log: z.unknown(),
    }),
  ),
});

/** A tensor that an op of the log has computed. */
export interface LoggedOutput {
  /** "addmm", without its overload. */
  readonly op: string;
  /** How many elements it has; null where the log does not say. */
  readonly elements: number | null;
  /** The sum of its elements' magnitudes; null where it was not taken. */
  readonly norm: number | null;
}

/** Whether a text is such a log, by its beginning. */
export function isDebugModeLog(text: string): boolean {
  return /^\s*\{\s*"format":\s*"torch\.utils\._debug_mode\./u.test(text);
}

/** What the ops of a log of PyTorch's DebugMode have computed, in order; null where it makes no sense, or is of another version. */
export function readDebugModeLog(text: string): readonly LoggedOutput[] | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = Log.safeParse(json);
  if (!parsed.success) return null;
  return parsed.data.logs.flatMap(({ type, op_name: name = "", output_str: outputs, log }) => {
    if (type !== "op") return [];
    const op = name.replace(/^.*::/u, "").replace(/\..*$/u, "");
    const sizes = [...(outputs ?? "").matchAll(/\b[df]?t(?:\$\d+)?: \w+\[([\d, ]*)\]/gu)].map(([, size]) =>
      elementsOf(size!),
    );
    const norms = scalars(hashOf(log));
    const each = sizes.length > 0 ? norms.length / sizes.length : 1;
    const count = Math.max(sizes.length, Number.isInteger(each) ? norms.length / Math.max(each, 1) : 0);
    return Array.from({ length: count }, (_, i) => ({
      op,
      elements: sizes[i] ?? null,
      norm: (Number.isInteger(each) ? norms[i * each] : undefined) ?? null,
    }));
  });
}

function elementsOf(sizes: string): number {
  return sizes
    .split(",")
    .filter((size) => size.trim() !== "")
    .reduce((product, size) => product * Number(size), 1);
}

/** What stands under "hash" in the notes of a call, as `save_logs` writes dictionaries. */
function hashOf(log: unknown): unknown {
  const { items } = (log ?? {}) as { readonly items?: unknown };
  if (!Array.isArray(items)) return null;
  const entry = (items as unknown[]).find((one) => Array.isArray(one) && one[0] === "hash") as unknown[] | undefined;
  return entry?.[1] ?? null;
}

/** The numbers of nested lists and tuples; null for what is none. */
function scalars(value: unknown): (number | null)[] {
  if (typeof value !== "object" || value === null) return [];
  const { items, value: own } = value as { readonly items?: unknown; readonly value?: unknown };
  if (Array.isArray(items)) return (items as unknown[]).flatMap(scalars);
  return "value" in value ? [typeof own === "number" ? own : null] : [];
}
