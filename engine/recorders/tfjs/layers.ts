import { CallCounter, CallScope, currentScope, inScope } from "../../context/scope.ts";
import { currentSite, setCurrentSite } from "../../context/site.ts";
import type { SiteId } from "../../protocol/ids.ts";

/** A layer of tfjs-layers, as far as the recorder looks into it. */
interface Layer {
  readonly name: string;
  getClassName?: () => string;
  apply: (inputs: unknown, options?: unknown) => unknown;
}

interface LayersModel {
  fit: (...args: unknown[]) => Promise<unknown>;
  fitDataset: (...args: unknown[]) => Promise<unknown>;
  trainOnBatch: (...args: unknown[]) => Promise<unknown>;
  makeTrainFunction: () => (data: unknown) => unknown;
}

/** What `@tensorflow/tfjs-layers` exports. */
export interface LayersExports {
  readonly layers: Record<string, unknown> & { readonly Layer: { readonly prototype: Layer } };
  readonly LayersModel: { readonly prototype: LayersModel };
}

export function isLayers(value: unknown): value is LayersExports {
  return typeof value === "object" && value !== null && "layers" in value && "LayersModel" in value;
}

/** Where a layer was made, and how often it was called in the pass under way. */
interface LayerNote {
  readonly site: SiteId;
  readonly calls: CallCounter;
}

/**
 * Gives what runs in a layer its scope and its place. An op that tfjs runs by itself, in `model.fit`, has no line of the user's
 * but the one that made its layer; what the user calls, or what a layer of the user's own computes, has its own.
 */
export function watchLayers({ layers, LayersModel: { prototype: model } }: LayersExports): void {
  const notes = new WeakMap<Layer, LayerNote>();
  const noteOf = (layer: Layer): LayerNote => {
    let note = notes.get(layer);
    if (!note) notes.set(layer, (note = { site: currentSite(), calls: new CallCounter() }));
    return note;
  };
  for (const [name, make] of Object.entries(layers)) {
    if (typeof make !== "function" || !/^[a-z]/u.test(name)) continue;
    layers[name] = (...args: unknown[]): unknown => {
      const layer: unknown = Reflect.apply(make, layers, args);
      if (typeof layer === "object" && layer !== null && "apply" in layer) noteOf(layer as Layer);
      return layer;
    };
  }
  /** The call of the user's that has tfjs run layers: those that run with no other call since are run by tfjs. */
  let caller = 0 as SiteId;
  const { prototype } = layers.Layer;
  const { apply } = prototype;
  prototype.apply = function (this: Layer, inputs, options) {
    const { site, calls } = noteOf(this);
    const type = this.getClassName?.() ?? this.constructor.name;
    const before = currentSite();
    const isRunByTfjs = before === caller && caller !== 0;
    const outer = caller;
    if (isRunByTfjs) setCurrentSite(site);
    caller = currentSite();
    try {
      const scope = new CallScope(currentScope(), "module", this.name, type, calls.next(), site);
      return inScope(scope, () => apply.call(this, inputs, options));
    } finally {
      caller = outer;
      setCurrentSite(before);
    }
  };
  const sites = new WeakMap<LayersModel, SiteId>();
  for (const name of ["fit", "fitDataset", "trainOnBatch"] as const) {
    const train = model[name];
    model[name] = function (this: LayersModel, ...args) {
      sites.set(this, currentSite());
      return train.apply(this, args);
    };
  }
  const { makeTrainFunction } = model;
  model.makeTrainFunction = function (this: LayersModel) {
    const step = makeTrainFunction.call(this);
    return (data) => {
      // Whatever was called since, as a callback of the user's, has nothing to do with the step.
      setCurrentSite((caller = sites.get(this) ?? currentSite()));
      try {
        return step(data);
      } finally {
        caller = 0 as SiteId;
      }
    };
  };
}
