import type { Found } from "../rule.ts";
import type { PassView } from "../pass-view.ts";

/** The remedy of a call that should not be there, where nothing but views stands between it and what takes its result. */
export function leftOut(view: PassView, result: number, row: number): Pick<Found, "remedy"> {
  const call = view.site(row);
  if (!call || !view.sources(result).includes(row)) return {};
  return { remedy: { text: `Leave ${view.name(row)} out.`, changes: [{ kind: "leave-out", call }] } };
}
