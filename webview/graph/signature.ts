/** Mixes a 32-bit number into a signature; equal structures have equal signatures, others almost never. */
export function hash(seed: number, value: number): number {
  let h = Math.imul(seed ^ (value | 0), 0x9e3779b1);
  h ^= h >>> 15;
  return (Math.imul(h, 0x85ebca6b) ^ (value > 0x7fffffff ? 1 : 0)) | 0;
}

/** A signature of text, for `hash` to mix in. */
export function stringHash(text: string): number {
  let h = 7;
  for (let i = 0; i < text.length; i++) h = hash(h, text.charCodeAt(i));
  return h;
}
