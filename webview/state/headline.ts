import { computed } from "@preact/signals";
import {
  findingSentence,
  notFiniteSentence,
  plainSentence,
  wrongSentence,
  type Sentence,
} from "../headline/sentence.ts";
import { badElement } from "./bad-element.ts";
import * as derived from "./derived.ts";
import { isDeath } from "../screens/death.ts";
import { checkRows, cursor, failure, findings, graph, sessionState } from "./resources.ts";

/** What matters most at this stop: why it stopped, what is not finite, what is wrong with a gradient or with the training, else what the pass is. */
export const headline = computed((): Sentence | null => {
  const pass = graph.value;
  const tree = derived.hierarchy.value;
  if (!pass || !tree) return null;
  return (
    failureSentence() ??
    notFiniteSentence(pass, tree.schedule, derived.notFinite.value, badElement.value) ??
    wrongSentence(pass, checkRows.value) ??
    hitSentence() ??
    findingSentence(findings.value, pass.pass) ??
    plainSentence(pass, derived.parameters.value.length, derived.verdictCounts.value)
  );
});

/** What the file failed with; what ended the engine itself has a notice of its own. */
function failureSentence(): Sentence | null {
  const failed = failure.value;
  if (!failed || isDeath(failed)) return null;
  const text = [failed.message.split("\n")[0] ?? "", failed.fix ?? ""].filter(Boolean).join(" ");
  return { kind: "error", text, node: null, site: failed.site };
}

/** What the breakpoint that stopped the file found there, until the cursor moves on. */
function hitSentence(): Sentence | null {
  const state = sessionState.value;
  const at = cursor.value;
  if (state.kind !== "stopped" || !state.hit || state.hit.text === "" || !at) return null;
  if (state.cursor.pass !== at.pass || state.cursor.position !== at.position) return null;
  const { text } = state.hit;
  return { kind: "warning", text: `${text.charAt(0).toUpperCase()}${text.slice(1)}.`, node: at.node, site: null };
}
