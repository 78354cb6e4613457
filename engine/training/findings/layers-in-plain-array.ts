import type { Found, Rule } from "../rule.ts";
import { parametersWithin } from "../training.ts";

/** Layers in an array, which registers nothing. */
export const layersInPlainArray: Rule = {
  name: "params-not-in-optimizer",
  severity: "error",
  title: "layers in a plain array are not part of their module",
  looksAt: "arrays, plain objects and maps in fields of modules",
  threshold: "layers in them that have parameters and are called, and that no optimizer holds",
  source: "PyTorch, nn.ModuleList: modules it contains are properly registered, those of a plain list are not",
  why: "parameters() does not find them, so no optimizer moves them, and neither train() nor stateDict() reaches them.",
  fix: "Put them into an nn.ModuleList, nn.ModuleDict or nn.Sequential.",
  *inRun({ training }): Iterable<Found> {
    for (const module of training.modules) {
      const [place] = module.unregisteredIn;
      if (!place || module.calls === 0) continue;
      const ids = parametersWithin(training.modules, module.id);
      const own = training.parameters.filter(({ id }) => ids.has(id));
      if (own.length === 0 || own.some(({ optimizers, moved }) => optimizers.length > 0 || moved)) continue;
      if (!training.optimizers.some(({ steps }) => steps > 0)) continue;
      const owner = training.modules[place.module];
      yield {
        text: `This ${module.type} is in "${place.field}" of ${owner?.type ?? "its module"}, a plain ${place.kind}, which registers nothing (PyTorch does not either): parameters() does not find it, and it never changes. Put the layers into an nn.${place.kind === "array" ? "ModuleList" : "ModuleDict"}.`,
        site: module.madeAt,
        related: [{ text: `${owner?.type ?? "the module"} is made here`, site: owner?.madeAt ?? null }],
      };
      return;
    }
  },
};
