import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { whyUnreadable } from "../../context/unreadable.ts";
import type { Failure } from "../../protocol/failure.ts";
import { isDebugModeLog, readDebugModeLog, type LoggedOutput } from "../../recording/compare/debug-mode-log.ts";

/** No sum of magnitudes of what people train with; the other kind of hash that DebugMode has, of bits, is larger. */
const LARGEST_NORM = 1e15;

/**
 * What PyTorch's DebugMode has logged; null of a file that is not named as such a log is.
 * @throws Failure that says why it cannot be compared with
 */
export function readLog(file: string): readonly LoggedOutput[] | null {
  if (extname(file) !== ".json") return null;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw failure(`${file} cannot be read: ${whyUnreadable(error)}`);
  }
  if (!isDebugModeLog(text)) throw failure(`${file} is no log of PyTorch's DebugMode`);
  const log = readDebugModeLog(text);
  if (!log) throw failure(`${file} is no log of DebugMode that this version reads`);
  const norms = log.flatMap(({ norm }) => (norm === null ? [] : [norm]));
  if (norms.length === 0 || norms.filter((norm) => norm > LARGEST_NORM).length > norms.length / 2) {
    throw failure(`${file} has no norms to compare with: log it within DebugMode.log_tensor_hashes(hash_fn="norm")`);
  }
  return log;
}

function failure(message: string): Failure {
  return { kind: "value", message, site: null };
}
