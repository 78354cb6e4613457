import type { Mapping } from "./aten-call.ts";

/** `x[0]`, `x[:, 1:3]`: one entry or one range, of one axis. What else stands in brackets is no one record of ours. */
export const entry: Mapping = (given) => {
  const said = given.get(1, "index");
  const { call, rank } = given;
  if (call.inputs.length === 2 && said === undefined) return { record: "index", attributes: { axes: [0] } };
  if (said === null) return { record: "unsqueeze", attributes: { shape: call.shape } };
  const parts = typeof said === "number" ? [String(said)] : typeof said === "string" ? partsOf(said) : null;
  if (parts === null) return null;
  const named = parts.filter((part) => part !== "None" && part !== "Ellipsis").length;
  const shape = call.inputs[0]!.shape;
  const ellipsis = parts.indexOf("Ellipsis");
  const changes = parts.flatMap((part, at) => {
    const axis = ellipsis >= 0 && at > ellipsis ? rank - named + at - 1 : at;
    return part === "Ellipsis" || part === "slice(None, None, None)" ? [] : [{ part, axis }];
  });
  const [only, ...others] = changes;
  if (only === undefined || others.length > 0) return null;
  if (only.part === "None") return { record: "unsqueeze", attributes: { shape: call.shape } };
  const size = shape[only.axis]!;
  const at = (text: string | undefined, otherwise: number): number => {
    if (text === undefined || text === "None") return otherwise;
    const place = Number(text);
    return Math.min(size, Math.max(0, place < 0 ? place + size : place));
  };
  if (/^-?\d+$/u.test(only.part)) {
    const index = Number(only.part);
    return { record: "select", attributes: { dim: only.axis, index: index < 0 ? index + size : index } };
  }
  const [, from, , by] = /^slice\((\w+|-\d+), (\w+|-\d+), (\w+)\)$/u.exec(only.part) ?? [];
  if (from === undefined) return null;
  const step = by === "None" ? 1 : Number(by);
  const length = call.shape[only.axis]!;
  return { record: "slice", attributes: { dim: only.axis, start: at(from, 0), length, step } };
};

/** The parts of Python's text of an index: "(slice(None, None, None), 0)". */
function partsOf(text: string): string[] | null {
  const within = text.startsWith("(") && text.endsWith(")") ? text.slice(1, -1) : text;
  const parts = within.match(/slice\([^()]*\)|Ellipsis|None|-?\d+/gu);
  return parts && parts.join("").length === within.replace(/, (?![^(]*\))|,$/gu, "").length ? parts : null;
}
