import { EVIDENCE, type CheckRow } from "../../engine/protocol/check.ts";
import { numberText } from "../../engine/recording/number-text.ts";

/** A verdict with its evidence in one line. */
export function verdictText(row: CheckRow): string {
  const at = (name: keyof typeof EVIDENCE): number => row.evidence[EVIDENCE[name]] ?? NaN;
  const place = row.worst.length > 0 ? ` at [${row.worst.join(", ")}]` : "";
  switch (row.verdict) {
    case "pass":
      // An intended gradient does not match, and says so.
      return row.reason?.startsWith("intended")
        ? row.reason
        : `matches finite differences, relative error ${numberText(at("relError"))}${row.reason ? `; ${row.reason}` : ""}`;
    case "fail": {
      const numbers = `analytic ${numberText(at("analytic"))}, numeric ${numberText(at("numeric"))} ± ${numberText(at("errorBar"))}${place}`;
      const what = row.inputName === undefined ? "wrong gradient" : `wrong gradient of ${row.inputName}`;
      if (row.cause?.kind === "not-finite") return `not finite: ${row.cause.text}`;
      return row.cause ? `${what}: ${row.cause.text}; ${numbers}` : `${what}: ${row.reason ?? numbers}`;
    }
    case "inconclusive":
      return `inconclusive: ${row.reason ?? "no reason was given"}`;
  }
}
