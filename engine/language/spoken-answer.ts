import type { Phrasebook } from "./phrasebook.ts";

/** What a call of Comlink looks like where an event is told. */
interface Told {
  readonly path?: readonly string[];
}

/** A frame to whoever shows things, with the engine's sentences in another language. What a program printed is its own. */
export function spokenFrame<Frame extends { readonly data: unknown }>(frame: Frame, phrases: Phrasebook): Frame {
  const isOutput = (frame.data as Told | null)?.path?.[0] === "output";
  return isOutput ? frame : { ...frame, data: spokenAnswer(frame.data, phrases) };
}

/** Fields of the protocol that hold what a person reads. */
const READ = new Set(["message", "fix", "text", "reason", "title", "description", "problem", "kinks"]);
/** Fields with what a program wrote or a source says, which is nobody else's to translate. */
const NOT_OURS = new Set(["edits", "lines", "site", "sites", "strings", "code", "evaluation"]);
const DEEPEST = 12;

/** An answer of the engine with its sentences in another language; the answer itself where it has none. */
function spokenAnswer(answer: unknown, phrases: Phrasebook, depth = 0): unknown {
  if (typeof answer !== "object" || answer === null || depth > DEEPEST) return answer;
  if (ArrayBuffer.isView(answer) || answer instanceof ArrayBuffer || answer instanceof SharedArrayBuffer) return answer;
  if (answer instanceof Map || answer instanceof Set) return answer;
  if (Array.isArray(answer)) {
    if (typeof answer[0] !== "object") return answer;
    const spoken = answer.map((entry: unknown) => spokenAnswer(entry, phrases, depth + 1));
    return spoken.some((entry, i) => entry !== answer[i]) ? spoken : answer;
  }
  let changed: Record<string, unknown> | null = null;
  for (const [name, value] of Object.entries(answer)) {
    if (NOT_OURS.has(name)) continue;
    const spoken =
      typeof value === "string"
        ? READ.has(name)
          ? phrases.say(value)
          : value
        : spokenAnswer(value, phrases, depth + 1);
    if (spoken !== value) (changed ??= { ...answer })[name] = spoken;
  }
  return changed ?? answer;
}
