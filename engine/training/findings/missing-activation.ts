import type { Found, Rule } from "../rule.ts";

/** Two affine layers in a row are one. */
export const missingActivation: Rule = {
  name: "missing-activation",
  severity: "warning",
  title: "linear layers follow on each other with nothing between them",
  looksAt: "what lies between one linear layer or convolution and the next",
  threshold:
    "nothing but biases, views, dropout and batch normalisation, no smaller size between them, and no other use of the first result, in every pass that was looked at",
  source: "W₂(W₁x + b₁) + b₂ is affine in x: a composition of affine functions is one",
  why: "Together they can do no more than one layer, so the depth is wasted and the network stays linear there.",
  fix: "Put an activation between them.",
  *inRun({ samples }): Iterable<Found> {
    const seen = new Set<number>();
    for (const { bare } of samples) {
      for (const { weight, found } of bare) {
        // A block between the two that is skipped by lot stands there in other passes.
        const isAlways = samples.every(
          (sample) => sample.bare.some((one) => one.weight === weight) || !sample.weights.has(weight),
        );
        if (seen.has(weight) || (weight >= 0 && !isAlways)) continue;
        if (weight >= 0) seen.add(weight);
        yield found;
      }
    }
  },
};
