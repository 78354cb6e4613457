import type { Origin } from "../core/origin.ts";
import { keepsNumbers, roleOf } from "../ops/role.ts";
import type { Site } from "../protocol/site.ts";

/** A place where values left the graph that gradients flow back through. */
export interface Cut {
  readonly by: string;
  readonly site: Site | null;
  /** Why no gradient passes it. */
  readonly why: string;
  readonly fix: string;
  /** Numbers of the parameters behind it. */
  readonly parameters: Set<number>;
  /** Leaves behind it that learn, by name; also those that no pass has ever met. */
  readonly leaves: readonly { readonly name: string; readonly site: Site | null }[];
}

/** The cuts that a constant's values have come through, the nearest first. */
export function cutsBehind(origin: Origin): readonly Origin[] {
  const found: Origin[] = [];
  const seen = new Set<Origin>();
  const queue = [origin];
  for (let at = queue.shift(); at; at = queue.shift()) {
    if (seen.has(at) || !at.fromGraph || at.live) continue;
    seen.add(at);
    if (at.inputs.length === 0 || at.inputs.some(({ live }) => live)) found.push(at);
    queue.push(...at.inputs);
  }
  return found;
}

/** The leaves that are learned, behind a cut. */
export function learnedBehind(cut: Origin): Set<Origin> {
  const leaves = new Set<Origin>();
  const seen = new Set<Origin>();
  const stack = [cut];
  for (let at = stack.pop(); at; at = stack.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    if (at.learned) leaves.add(at);
    stack.push(...at.inputs);
  }
  return leaves;
}

/** Whether more is behind a cut than its origin tells. */
export function isFollowedToItsEnd(cut: Origin): boolean {
  const seen = new Set<Origin>();
  const stack = [cut];
  for (let at = stack.pop(); at; at = stack.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    if (at.truncated || (at.live && !at.learned && at.inputs.length === 0)) return false;
    stack.push(...at.inputs);
  }
  return true;
}

/** How to speak of a cut. @param offSite where noGrad was called, if that is what cuts */
export function describeCut(
  origin: Origin,
  site: Site | null,
  parameters: Set<number>,
  offSite: Site | null,
): Omit<Cut, "leaves"> {
  const source = origin.inputs.find(({ live }) => live);
  const what = source?.label || origin.label || "the value";
  const of = { site, parameters };
  if (origin.op === "detach") {
    return {
      ...of,
      by: "detach()",
      why: `what follows takes ${what} for a constant`,
      fix: "Leave the detach() out here.",
    };
  }
  if (origin.op === "read") {
    return {
      ...of,
      by: `${origin.name}()`,
      why: `it gives plain numbers, and a tensor made of those knows nothing of ${what}`,
      fix: `Keep ${what} a tensor: add and stack tensors, and call ${origin.name}() only to print.`,
    };
  }
  switch (roleOf(origin.op)) {
    case "position":
      return {
        ...of,
        by: `${origin.name}()`,
        why: "it gives positions, which do not change with small changes of the values",
        fix: "Compute the loss from the scores or probabilities themselves.",
      };
    case "rounding":
      return {
        ...of,
        by: `${origin.name}()`,
        why: "its derivative is zero everywhere",
        fix: "Compute the loss from the values before they are rounded.",
      };
    case "comparison":
      return {
        ...of,
        by: `${origin.name}()`,
        why: "it gives true or false, which do not change with small changes of the values",
        fix: "Compute the loss from the values before they are compared.",
      };
    default:
      if (keepsNumbers(roleOf(origin.op)) && origin.op === "to") {
        return {
          ...of,
          by: "the conversion to integers",
          why: "integers have no gradient",
          fix: "Keep the values floating-point up to the loss.",
        };
      }
      return {
        ...of,
        site: offSite ?? site,
        by: "noGrad",
        why: `${origin.name} ran inside it, so ${origin.label || "its result"} is a constant`,
        fix: "Compute what the loss is made of outside of noGrad.",
      };
  }
}
