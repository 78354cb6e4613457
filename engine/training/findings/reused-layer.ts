import type { Found, Rule } from "../rule.ts";
import type { ModuleHistory } from "../training.ts";
import { counted } from "../wording.ts";

/** One layer stands where several should. */
export const reusedLayer: Rule = {
  name: "reused-layer",
  severity: "warning",
  title: "one layer stands where several should",
  looksAt:
    "modules that stand at several places of one container, and layers that are called at several lines of one forward while a like one is never called",
  threshold: "the same object with parameters twice; or called twice, where another of the same sizes never is",
  source: "Array.fill puts one object everywhere, as [layer] * n does in Python",
  why: "All places share one set of weights, so the model is smaller than it looks and the places cannot learn different things.",
  fix: "Make a new layer for each place.",
  *inRun({ training, ended }): Iterable<Found> {
    for (const module of training.modules) {
      const total = parametersIn(module);
      // Encoder and decoder that share an embedding do so on purpose.
      if (module.places > 1 && total > 0 && module.type !== "Embedding") {
        yield {
          text: `This ${module.type} stands at ${module.places} places of one container: all of them share one set of weights. Make a new ${module.type} for each place.`,
          site: module.madeAt,
          evidence: { places: module.places },
        };
      }
      if (!ended || total === 0 || !module.builtIn || module.callLines.length < 2) continue;
      const idle = training.modules.find(
        (other) =>
          other.calls === 0 &&
          other.type === module.type &&
          other.parents.some((parent) => module.parents.includes(parent)) &&
          shapesOf(other.parameters) === shapesOf(module.parameters),
      );
      if (!idle) continue;
      yield {
        text: `${module.type} "${module.name}" is called at ${counted(module.callLines.length, "line")} of one pass, and "${idle.name}", of the same sizes, is never called: one layer stands where both should.`,
        site: module.callLines.at(-1) ?? module.madeAt,
        related: [{ text: `"${idle.name}" is made here`, site: idle.madeAt }],
      };
    }

    /** Counts the parameters of the module and of those below it. */
    function parametersIn({ id, parameters }: ModuleHistory, above: readonly number[] = []): number {
      if (above.includes(id)) return 0;
      const below = training.modules.filter(({ parents }) => parents.includes(id));
      return below.reduce((sum, one) => sum + parametersIn(one, [...above, id]), parameters.length);
    }

    function shapesOf(ids: readonly number[]): string {
      return ids.map((id) => training.parameters[id]!.shape.join()).join(" ");
    }
  },
};
