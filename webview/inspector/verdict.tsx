import { t } from "../../engine/language/translate.ts";
import { EVIDENCE, type CheckRow } from "../../engine/protocol/check.ts";
import { SiteLink } from "../screens/screens.tsx";
import { formatNumber } from "../ui/format.ts";
import { Mark } from "../ui/marks.tsx";

/** A comparison with finite differences: both numbers, the error bar, the step; what is wrong, or why it is undecided. */
export function VerdictSection({ row }: { readonly row: CheckRow }) {
  const { cause } = row;
  return (
    <section>
      <h3>
        {row.order === 2 ? t("Finite differences of backward") : t("Finite differences")}
        <span class="spacer" />
        <span class={`verdict-text ${row.verdict}`}>
          <Mark kind={row.verdict} /> {t(row.verdict)}
        </span>
      </h3>
      {row.compared > 0 && <Evidence row={row} />}
      {cause && <p class="text-wrap">{cause.text}</p>}
      {cause?.backward && (
        <p>
          <SiteLink site={cause.backward} /> <span class="dim">{t("the backward")}</span>
        </p>
      )}
      {row.reason && <p class="dim text-wrap">{row.reason}</p>}
    </section>
  );
}

/** The numbers of the worst element. Where nothing could be compared there are none. */
function Evidence({ row }: { readonly row: CheckRow }) {
  const at = (name: keyof typeof EVIDENCE): number => row.evidence[EVIDENCE[name]] ?? NaN;
  const { cause } = row;
  return (
    <>
      <div class="evidence">
        <span>{t("worst element")}</span>
        <span>{row.worst.length === 0 && row.of > 1 ? t("all at once") : `[${row.worst.join(", ")}]`}</span>
        <span class="dim">{extent(row)}</span>
        <span>{t("analytic")}</span>
        <span>{formatNumber(at("analytic"))}</span>
        <span />
        <span>{t("numeric")}</span>
        <span>{formatNumber(at("numeric"))}</span>
        <span class="dim">± {formatNumber(at("errorBar"))}</span>
        <span>{t("relative error")}</span>
        <span class={row.verdict === "fail" ? "fail" : ""}>{formatNumber(at("relError"))}</span>
        <span />
        <span>{t("step")}</span>
        <span>{formatNumber(at("step"))}</span>
        <span />
        {cause?.ratio !== undefined && (
          <>
            <span>{t("ratio")}</span>
            <span class="fail">{formatNumber(cause.ratio)}</span>
            <span class="dim">{t("of the true gradient")}</span>
          </>
        )}
      </div>
      <p class="dim text-wrap">{scaleOf(row)}</p>
    </>
  );
}

/** Which gradient the numbers are of: an op is compared by itself, and its numbers are not those of the pass. */
function scaleOf({ scope }: CheckRow): string {
  return scope === "op"
    ? t("The op by itself, for a random gradient of its result: not the numbers of this pass.")
    : t("The gradient of the loss in this pass.");
}

/** How much of the tensor the verdict is about. */
function extent({ compared, of, together, verdict }: CheckRow): string {
  if (compared >= of) return t`of ${String(of)}`;
  // Where one is wrong, it says nothing that all together may not have been.
  const all = together && verdict === "pass" ? t(", and all at once") : "";
  return t`${String(compared)} of ${String(of)} compared${all}`;
}
