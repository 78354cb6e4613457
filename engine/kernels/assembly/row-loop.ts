import type { Dialect } from "./target.ts";

/**
 * A loop over a row of `columns` elements: two vectors at a time, so that the revectorizer can join them, then one, then
 * what is left, where loads and stores are partial. `body` is written for one vector: it reads `gather_f32(p_, 1, left)`,
 * writes by statements `scatter_f32(p_, 1, left, value);`, and cuts off what lies beyond the row with `within_f32(left, v)`.
 * It knows the `pointers` by their names and an underscore.
 */
export function rowLoop({ type, lanes }: Dialect, pointers: readonly string[], body: string): string {
  const step = (vectors: number): string => pointers.map((p) => `, ${p}_ += ${vectors * 16}`).join("");
  const whole = body
    .replaceAll(`gather_${type}(`, "v128.load(")
    .replaceAll(`scatter_${type}(`, "v128.store(")
    .replaceAll(", 1, left)", ")")
    .replaceAll(", 1, left, ", ", ")
    .replaceAll(`within_${type}(left, `, "(");
  const pairs = body.includes("if (")
    ? ""
    : `
      for (; left >= ${2 * lanes}; left -= ${2 * lanes}${step(2)}) { ${inPairs(whole)} }`;
  return `
    { let left = columns${pointers.map((p) => `, ${p}_ = ${p}`).join("")};${pairs}
      for (; left >= ${lanes}; left -= ${lanes}${step(1)}) { ${whole} }
      if (left > 0) { ${body} } }`;
}

/** The same for a vector and its neighbour: all loads come first and all stores last, or they could not be joined. */
function inPairs(body: string): string {
  const sources: string[] = [];
  const stores: (readonly [to: string, value: string])[] = [];
  const computed = body
    .replaceAll(/v128\.load\(([^()]*)\)/g, (_, from: string) => {
      if (!sources.includes(from)) sources.push(from);
      return `read${sources.indexOf(from)}`;
    })
    .replaceAll(/v128\.store\(([^(),]*), (.*?)\);/g, (_, to: string, value: string) => {
      stores.push([to, value]);
      return `let written${stores.length - 1} = ${value};`;
    });
  const names = [...computed.matchAll(/\blet (\w+) =/g), ...computed.matchAll(/, (\w+) = /g)].map(([, name]) => name!);
  const own = new RegExp(`\\b(${[...new Set(names), ...sources.map((_, i) => `read${i}`)].join("|")})\\b`, "g");
  const both = [0, 1];
  return [
    ...sources.flatMap((from, i) => both.map((half) => `let read${i}_${half} = v128.load(${from}, ${half * 16});`)),
    ...both.map((half) => computed.replaceAll(own, (name) => `${name}_${half}`)),
    ...stores.flatMap(([to], i) => both.map((half) => `v128.store(${to}, written${i}_${half}, ${half * 16});`)),
  ].join("\n        ");
}
