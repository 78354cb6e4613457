import { EngineError } from "../../context/engine-error.ts";
import { isLayers, watchLayers } from "./layers.ts";
import { TapeRecorder, type RecorderOptions } from "./tape-recorder.ts";
import { isEngine } from "./tfjs-engine.ts";

/** Where every tfjs of a program keeps its engine. */
const ENGINE = "_tfengine";

/**
 * Waits for tfjs in this thread. It keeps its one engine in a global, so whichever package brings it (`tfjs`, `tfjs-core`,
 * `tfjs-node`) is found when it puts it there.
 */
export function awaitTfjs(options: RecorderOptions): void {
  let engine: unknown;
  Object.defineProperty(globalThis, ENGINE, {
    configurable: true,
    enumerable: false,
    get: () => engine,
    set: (given: unknown) => {
      engine = given;
      if (!isEngine(given)) {
        throw new EngineError("value", "this tfjs has no tape that can be recorded: version 2 or later is needed", {
          fix: "npm install @tensorflow/tfjs@4",
        });
      }
      new TapeRecorder(given, options);
    },
  });
}

/** What the end of a package's main file calls with what it exports. */
export const LOADED = "__backstepTfjsLoaded";

/** Provides the function that is called with what tfjs-layers exports. */
export function provideLoaded(): void {
  if (Object.hasOwn(globalThis, LOADED)) return;
  Object.defineProperty(globalThis, LOADED, {
    value: (exported: unknown) => {
      if (isLayers(exported)) watchLayers(exported);
    },
  });
}
