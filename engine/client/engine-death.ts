import { t } from "../language/translate.ts";
import type { Failure } from "../protocol/failure.ts";

const OUT_OF_MEMORY = /heap out of memory|Allocation failed|invalid array length Allocation|Zone Allocation|ENOMEM/i;

/** What the system does not give, and Node cannot begin or go on without: it says so before it aborts. */
function lackOf(report: string): string | null {
  if (/\bE[MN]FILE\b/u.test(report)) return t("too many files are open");
  if (/uv_thread_create|pthread_create|\bEAGAIN\b/u.test(report)) {
    return t("the system lets this user start too few processes and threads");
  }
  return null;
}

/**
 * Why an engine process that nobody asked to end has ended.
 * @param report the last of what it wrote to its own stderr
 */
export function deathOf(code: number | null, signal: NodeJS.Signals | null, report: string): Failure {
  if (OUT_OF_MEMORY.test(report)) {
    return {
      kind: "out-of-memory",
      message: t("The engine ended: out of memory."),
      site: null,
      fix: t(
        "The editor and your files are not affected. Keep fewer tensors alive, or use smaller batches, and run again.",
      ),
    };
  }
  const lack = lackOf(report);
  if (lack !== null) return { kind: "crashed", message: t`The engine ended: ${lack}.`, site: null };
  if (signal === "SIGKILL") {
    return {
      kind: "out-of-memory",
      message: t("The engine was killed from outside (SIGKILL); the system may have run out of memory."),
      site: null,
      fix: t("Use smaller batches or lower backstep.history.memory, and run again."),
    };
  }
  if (signal !== null) {
    return {
      kind: "crashed",
      message: t`The engine crashed (${signal}).`,
      site: null,
      fix: t("Run again; the output has its report."),
    };
  }
  const last = report.split("\n").findLast((line) => /^[\w ]*Error\b.*: /u.test(line));
  return {
    kind: "exited",
    message: t`The engine process ended with exit code ${code ?? "unknown"}${last === undefined ? "." : `: ${last}`}`,
    site: null,
    fix: t("The editor and your files are not affected. Run again."),
  };
}
