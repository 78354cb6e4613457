import type { PassView } from "../pass-view.ts";
import { axisBefore, axisOfInput, numbersBehind } from "../provenance.ts";
import type { ExaminedPass, Found, Rule } from "../rule.ts";
import { describeShape } from "../wording.ts";

/** A softmax that runs over another axis than the one that its result is used along. */
export const softmaxAxis: Rule = {
  name: "softmax-axis",
  severity: "error",
  title: "a softmax runs over the wrong axis",
  looksAt:
    "the axis of each softmax, and the axis along which its result is then used: the classes of a loss, the keys of a product",
  threshold: "they are not the same axis",
  source: "Vaswani et al. 2017, attention: the weights of each query sum to 1 over the keys",
  why: "The weights of one example or query do not sum to 1, and depend on the other examples.",
  fix: "Name the axis of the classes or keys: mostly the last, -1.",
  *inPass(examined): Iterable<Found> {
    const { view } = examined;
    const atLoss = softmaxesOfLosses(examined);
    for (let row = 0; row < view.rows; row++) {
      if (!view.is(row, "softmax", "log-softmax")) continue;
      const dim = view.attribute(row, "dim");
      const shape = view.shape(row);
      if (typeof dim !== "number" || shape.length < 2 || shape[dim] === 1) continue;
      const wanted = contractedAxis(view, row) ?? weightedAxis(view, row) ?? atLoss.get(row) ?? pickedAxis(view, row);
      if (!wanted || wanted.axis === dim) continue;
      yield {
        text: `${view.name(row)} runs over axis ${dim} of ${describeShape(shape)}, but its result is used along axis ${wanted.axis}: ${wanted.how}. The numbers along axis ${wanted.axis} do not sum to 1. Take the softmax over axis ${wanted.axis === shape.length - 1 ? "-1" : wanted.axis}.`,
        site: view.site(row),
        related: [{ text: "the result is used here", site: view.callSite(wanted.by) }],
        evidence: { dim, wanted: wanted.axis },
        row,
        ...(view.site(row) && {
          remedy: {
            text: `Take the softmax over axis ${wanted.axis}.`,
            changes: [{ kind: "number", call: view.site(row)!, which: 0, to: { set: wanted.axis } }],
          },
        }),
      };
    }
  },
};

/** The axis along which one entry of the result is picked for each example: the log-probability of an action. */
function pickedAxis(view: PassView, softmax: number): Wanted | null {
  if (view.shape(softmax).length !== 2) return null;
  for (const by of view.consumers(softmax)) {
    if (!view.is(by, "pick") || view.name(by) !== "gather" || view.inputs(by)[0] !== softmax) continue;
    const axis = view.attribute(by, "dim");
    if (typeof axis === "number" && view.shape(by)[axis] === 1) {
      return { axis, how: "gather picks one entry of it for each example", by };
    }
  }
  return null;
}

interface Wanted {
  readonly axis: number;
  readonly how: string;
  readonly by: number;
}

/** The axis of a softmax over which a matrix product that takes its result sums. */
function contractedAxis(view: PassView, softmax: number): Wanted | null {
  const queue: { row: number; axes: readonly number[] }[] = [
    { row: softmax, axes: view.shape(softmax).map((_, axis) => axis) },
  ];
  const seen = new Set<number>();
  for (let at = queue.shift(); at; at = queue.shift()) {
    for (const consumer of view.consumers(at.row)) {
      if (seen.has(consumer)) continue;
      seen.add(consumer);
      const inputs = view.inputs(consumer);
      if (view.is(consumer, "product")) {
        const place = inputs.indexOf(at.row);
        const rank = view.shape(at.row).length;
        const other = view.shape(inputs[1 - place]!).length;
        // A vector has one axis; of matrices the left is summed over its last, the right over its last but one.
        const summed = place === 0 || rank === 1 ? rank - 1 : rank - 2;
        if (other === 0 || summed < 0) return null;
        const axis = at.axes[summed] ?? -1;
        return axis < 0 ? null : { axis, how: `${view.name(consumer)} sums over it`, by: consumer };
      }
      const passes =
        view.is(consumer, "permute", "convert", "reshape") ||
        (view.madeBy(consumer, "dropout") && view.is(consumer, "multiply"));
      if (!passes || inputs[0] !== at.row) continue;
      const axes = view.shape(consumer).map((_, axis) => {
        const before = view.is(consumer, "multiply") ? axis : axisOfInput(view, consumer, axis);
        return before < 0 ? -1 : (at.axes[before] ?? -1);
      });
      queue.push({ row: consumer, axes });
    }
  }
  return null;
}

/**
 * The axis along which weights that a softmax over the examples gives are summed with what they weigh, example by example:
 * the times of attention that pools them. Weights that are not of each example's own, as of clusters, are summed otherwise.
 */
function weightedAxis(view: PassView, softmax: number): Wanted | null {
  if (view.attribute(softmax, "dim") !== 0) return null;
  const examples = view.shape(softmax)[0];
  for (let at = softmax, steps = 0; steps < 4; steps++) {
    const consumer = view.consumers(at).find((one) => view.is(one, "reshape", "multiply", "convert"));
    if (consumer === undefined) return null;
    if (!view.is(consumer, "multiply")) {
      at = consumer;
      continue;
    }
    const other = view.inputs(consumer).find((one) => one !== at);
    const [own, weighed] = [view.shape(at), other === undefined ? [] : view.shape(other)];
    if (weighed.length !== own.length || weighed[0] !== examples || examples === 1) return null;
    const by = view.consumers(consumer).find((one) => view.is(one, "sum") && view.shape(one).length > 0);
    const axis = by === undefined ? -1 : summedAxis(view.shape(consumer), view.shape(by));
    const size = own[axis];
    if (by === undefined || axis <= 0 || size === undefined || size === 1 || view.shape(softmax)[axis] !== size)
      return null;
    return { axis, how: "what it weighs is summed over it, for each example by itself", by };
  }
  return null;
}

/** The one axis that a sum has taken away, where the sizes tell; −1 where they do not. */
function summedAxis(before: readonly number[], after: readonly number[]): number {
  const fits = before.flatMap((_, axis) => {
    const left = before.length === after.length ? before.with(axis, 1) : before.toSpliced(axis, 1);
    return left.length === after.length && left.every((size, i) => size === after[i]) ? [axis] : [];
  });
  return fits.length === 1 ? fits[0]! : -1;
}

/** Where the classes are, for each softmax whose result a loss compares. */
function softmaxesOfLosses({ view, terms }: ExaminedPass): Map<number, Wanted> {
  const wanted = new Map<number, Wanted>();
  for (const { kind, named, prediction, row: loss } of terms) {
    const classes = view.shape(prediction).length === 1 ? 0 : 1;
    for (const row of numbersBehind(view, prediction)) {
      if (view.is(row, "logarithm")) {
        for (const inner of numbersBehind(view, view.inputs(row)[0]!)) note(inner);
      } else note(row);

      function note(at: number): void {
        if (!view.is(at, "softmax", "log-softmax")) return;
        if (kind === "nll" || kind === "cross-entropy") {
          const axis = axisBefore(view, prediction, classes, at);
          if (axis >= 0) wanted.set(at, { axis, how: `${named ?? "the loss"} picks a class along it`, by: loss });
        } else if (
          view.attribute(at, "dim") === 0 &&
          view.shape(at).length === 2 &&
          numbersBehind(view, view.inputs(at)[0]!).some((one) => view.is(one, "linear"))
        ) {
          wanted.set(at, {
            axis: 1,
            how: "axis 0 counts examples, and axis 1 the units of the layer before",
            by: loss,
          });
        }
      }
    }
  }
  return wanted;
}
