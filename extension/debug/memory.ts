import type { DebugProtocol } from "@vscode/debugprotocol";
import { t } from "../../engine/language/translate.ts";
import { BYTES_PER_ELEMENT, type DType } from "../../engine/protocol/dtype.ts";
import type { Engine } from "../../engine/protocol/engine.ts";
import { HELD_AS } from "../../engine/protocol/recorded-dtype.ts";
import { parseMemoryReference, read } from "./tensor-entry.ts";

const MOST_BYTES = 65_536;

/** The bytes of a tensor as the engine holds it in memory (little endian, row-major), for VS Code's hex view. */
export async function readMemory(
  engine: Engine,
  { memoryReference, offset = 0, count }: DebugProtocol.ReadMemoryArguments,
): Promise<NonNullable<DebugProtocol.ReadMemoryResponse["body"]>> {
  const tensor = parseMemoryReference(memoryReference);
  if (!tensor) throw new Error(t("That is not the memory of a tensor."));
  const dtype = HELD_AS[tensor.dtype] ?? "float64";
  const size = BYTES_PER_ELEMENT[dtype];
  const end = Math.min(offset + Math.min(count, MOST_BYTES), tensor.count * size);
  if (offset < 0 || offset >= end) return { address: address(offset), unreadableBytes: count };
  const first = Math.floor(offset / size);
  const last = Math.ceil(end / size);
  const elements = await read(engine, tensor.place, first, last - first);
  const bytes = bytesOf(elements, dtype).subarray(offset - first * size, end - first * size);
  return {
    address: address(offset),
    data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
    unreadableBytes: offset + count - end,
  };
}

function bytesOf(elements: Float64Array, dtype: DType): Uint8Array {
  const typed =
    dtype === "float32" ? Float32Array.from(elements) : dtype === "bool" ? Uint8Array.from(elements) : elements;
  return new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
}

function address(offset: number): string {
  return `0x${offset.toString(16)}`;
}
