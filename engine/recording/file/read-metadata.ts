import type { z } from "zod";
import { decodeJson } from "./plain-json.ts";
import { RecordingError } from "./recording-error.ts";
import type { Safetensors } from "./safetensors.ts";

/**
 * What the metadata of a file says under a key.
 * @throws RecordingError when it is not there or makes no sense
 */
export function readMetadata<Schema extends z.ZodType>(
  { metadata }: Safetensors,
  key: string,
  schema: Schema,
  name: string,
): z.output<Schema> {
  const text = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  if (text === undefined) throw new RecordingError(`${name} says nothing of its ${key}`);
  return parseJson(text, schema, `${name} has a ${key} that makes no sense`);
}

/** @throws RecordingError that begins with `complaint` */
export function parseJson<Schema extends z.ZodType>(text: string, schema: Schema, complaint: string): z.output<Schema> {
  let value: unknown;
  try {
    value = decodeJson(text);
  } catch {
    throw new RecordingError(`${complaint}: it is no JSON`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RecordingError(`${complaint}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim());
}
