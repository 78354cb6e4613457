/** What crosses between a page and a real engine: JSON, and what JSON cannot say. */
const ARRAYS = { Float64Array, Float32Array, Int32Array, Uint32Array, Int16Array, Uint16Array, Uint8Array, Int8Array };
type ArrayName = keyof typeof ARRAYS;

interface Packed {
  readonly $: ArrayName | "number";
  readonly of: readonly (number | string)[];
}

export function encode(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => {
    const name = ArrayBuffer.isView(one) ? (one.constructor.name as ArrayName) : null;
    // Numbers that are not finite lie in typed arrays too.
    if (name !== null) return { $: name, of: Array.from(one as Float64Array, String) } satisfies Packed;
    if (typeof one === "number" && !Number.isFinite(one)) return { $: "number", of: [String(one)] } satisfies Packed;
    return one;
  });
}

export function decode(text: string): unknown {
  return JSON.parse(text, (_, one: unknown) => {
    if (typeof one !== "object" || one === null || !("$" in one)) return one;
    const { $: name, of } = one as Packed;
    return name === "number" ? Number(of[0]) : ARRAYS[name].from(of.map(Number));
  }) as unknown;
}
