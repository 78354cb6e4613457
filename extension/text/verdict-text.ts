import { t } from "../../engine/language/translate.ts";
import { EVIDENCE, type CheckRow } from "../../engine/protocol/check.ts";
import { numberText } from "../../engine/recording/number-text.ts";

/** A verdict with its evidence in one line. */
export function verdictText(row: CheckRow): string {
  const at = (name: keyof typeof EVIDENCE): number => row.evidence[EVIDENCE[name]] ?? NaN;
  const place = row.worst.length > 0 ? t` at [${row.worst.join(", ")}]` : "";
  switch (row.verdict) {
    case "pass":
      // An intended gradient does not match, and says so.
      return row.reason?.startsWith(t("intended"))
        ? row.reason
        : t`matches finite differences, relative error ${numberText(at("relError"))}${row.reason ? `; ${row.reason}` : ""}`;
    case "fail": {
      const numbers = t`analytic ${numberText(at("analytic"))}, numeric ${numberText(at("numeric"))} ± ${numberText(at("errorBar"))}${place}`;
      const what = whatIsWrong(row);
      if (row.cause?.kind === "not-finite") return t`not finite: ${row.cause.text}`;
      return row.cause ? `${what}: ${row.cause.text}; ${numbers}` : `${what}: ${row.reason ?? numbers}`;
    }
    case "inconclusive":
      return t`inconclusive: ${row.reason ?? t("no reason was given")}`;
  }
}

function whatIsWrong({ order, inputName }: CheckRow): string {
  if (order === 2) return t("wrong derivative of its backward");
  return inputName === undefined ? t("wrong gradient") : t`wrong gradient of ${inputName}`;
}
