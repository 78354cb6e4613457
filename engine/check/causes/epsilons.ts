import type { GradNode } from "../../core/grad-node.ts";
import { readElements } from "../../core/elements.ts";
import type { Tensor } from "../../core/tensor.ts";
import { sqrt } from "../../ops/exponential.ts";
import { roleOf } from "../../ops/role.ts";
import { isOffBy, spreadTo } from "./factors.ts";
import type { ForwardMistake, TracedSearch } from "./traced-search.ts";

/** A value that forward has a number added to, and another that backward may have in its place. */
interface Replaced {
  readonly right: Tensor;
  readonly other: Tensor;
  readonly text: string;
}

/** Powers in which a softened denominator stands in gradients. */
const POWERS = [1, 0.5, 2, 1.5, 3] as const;

/**
 * A number that forward adds to a value, as the epsilon of a normalisation, and that backward leaves out of some of what it
 * computes, has where forward has none, or adds inside of a root in place of behind it. The value itself is kept by both.
 */
export function epsilonElsewhere(search: TracedSearch): ForwardMistake | null {
  const { traced } = search;
  for (const { right, other, text } of replacedIn(search)) {
    const quotient = right.div(other);
    const whole = spreadTo(quotient, traced.input.shape);
    const elements = whole && readElements(whole);
    const isOff = isOffBy(search);
    for (const power of POWERS) {
      if (elements && isOff((e) => elements[e]! ** power)) {
        return { kind: "missing-term", text };
      }
    }
    for (const [i, { node, input }] of search.edges.entries()) {
      const tensor = node.inputs[input]!;
      for (const power of POWERS) {
        if (search.isOver) return null;
        const factor = quotient.pow(power);
        const isIt = search.explains(({ edges }) => {
          const own = edges[i]!.contribution;
          const changed = own.mul(factor);
          return changed.numel() === own.numel() ? traced.from(tensor, changed.sub(own)) : null;
        });
        if (isIt) return { kind: "missing-term", text };
      }
    }
  }
  return null;
}

function* replacedIn({ traced, names }: TracedSearch): Generator<Replaced> {
  for (const node of traced.all) {
    const { value } = node.attributes as { readonly value?: unknown };
    if (roleOf(node.op!.id) !== "add" || node.inputs.length !== 1 || typeof value !== "number") continue;
    const [bare] = node.inputs as [Tensor];
    const softened = node.result!;
    const step = names.step(node);
    const [less, more] = [names.value(bare), names.value(softened)];
    yield {
      right: softened,
      other: bare,
      text: `the ${value} that ${step} adds is left out: ${less} is used where ${more} belongs`,
    };
    yield {
      right: bare,
      other: softened,
      text: `the ${value} that ${step} adds is there too often: ${more} is used where ${less} belongs`,
    };
    if (isRoot(bare.ownNode)) {
      const [under] = bare.ownNode!.inputs as [Tensor];
      const text = `the ${value} that ${step} adds to a root, backward adds under the root`;
      yield { right: softened, other: under.add(value).sqrt(), text };
    }
    const root = traced.all.find((after) => isRoot(after) && after.inputs[0] === softened);
    if (root === undefined) continue;
    const text = `the ${value} that ${step} adds under a root, backward adds to the root`;
    yield { right: root.result!, other: bare.sqrt().add(value), text };
  }
}

function isRoot(node: GradNode | null): boolean {
  return node?.op === sqrt;
}
