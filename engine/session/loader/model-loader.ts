import { statSync } from "node:fs";
import * as nodeModule from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Site } from "../../protocol/site.ts";
import type { CapturedStack } from "../../context/call-stack.ts";
import type { Failure, Frame } from "../../protocol/failure.ts";
import { CompileCache } from "./compile-cache.ts";
import { describeFailure, ModelError, type FailureContext } from "./errors.ts";
import { LoadFailures } from "./load-failures.ts";
import { LoadedModules } from "./loaded-modules.ts";
import { knowEngine } from "./named-values.ts";
import { registerResolver } from "./resolve.ts";
import { provideGlobals } from "./runtime-globals.ts";
import type { SiteRegistry } from "./site-registry.ts";
import { frameAt, framesHere, framesOfCaptured } from "./stack-frames.ts";
import { withTimeLimit } from "../time-limit.ts";

export interface LoaderOptions {
  /** What model files get as "backstep": the engine's own index, the same instance that this thread has. */
  readonly engineUrl: string;
  /** Where compiled files are kept between runs; null to keep none. Made when it is not there; may be shared by processes. */
  readonly cacheFolder: string | null;
  /** Gets every call of the files that are loaded. */
  readonly registry: SiteRegistry;
  /** Arguments of the program: `process.argv` from the third on. */
  readonly argv?: readonly string[];
  /** Texts that stand in for those of files, by absolute path. */
  readonly texts?: ReadonlyMap<string, string>;
}

/** What looking at a thrown value may take: time enough to load the compiler for a syntax error on a busy machine. */
const DESCRIBE_MILLISECONDS = 3000;

/** How far back a stack goes: past the engine's own frames to the user's. */
const STACK_FRAMES = 50;

/**
 * Runs a model file in this thread, one file in a thread's life. From {@link load} on every file of the user's goes
 * through the compiler, which numbers its calls and names what it assigns; imports resolve as TypeScript, Node and
 * bundlers have it; and `error.stack` shows the user's own positions.
 */
export class ModelLoader {
  readonly #options: LoaderOptions;
  readonly #modules: LoadedModules;
  readonly #failures = new LoadFailures();
  #engine: object = {};

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#modules = new LoadedModules(options.registry);
  }

  /**
   * Runs the file to its end, top-level awaits included.
   * @param file absolute path
   * @throws {ModelError} when it cannot be loaded or throws
   */
  async load(file: string): Promise<void> {
    const { engineUrl, cacheFolder, argv = [], texts = new Map() } = this.#options;
    const found = statSync(file, { throwIfNoEntry: false });
    if (found?.isFile() !== true) {
      const message = found ? `${file} is no file that can be run` : `cannot find ${file}`;
      throw new ModelError({ kind: "import", message, site: null });
    }
    const entryUrl = pathToFileURL(path.resolve(file)).href;
    this.#engine = (await import(engineUrl)) as object;
    provideGlobals();
    knowEngine(this.#engine);
    nodeModule.setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
    Error.stackTraceLimit = STACK_FRAMES;
    process.argv = [process.argv[0]!, file, ...argv];
    registerResolver({
      engineUrl,
      entryUrl,
      cache: new CompileCache(cacheFolder),
      modules: this.#modules,
      failures: this.#failures,
      texts,
    });
    try {
      await import(entryUrl);
    } catch (error) {
      throw new ModelError(this.describe(error, "exception"), error);
    }
  }

  /** Any error of the user's program as data; for what arrives as an event, after or while the file runs. */
  describe(thrown: unknown, kind: "exception" | "rejection"): Failure {
    const context: FailureContext = {
      modules: this.#modules,
      registry: this.#options.registry,
      failures: this.#failures,
      engine: this.#engine,
      engineFolder: new URL(".", this.#options.engineUrl).href,
    };
    try {
      // A getter or a trap of what was thrown may never return.
      return withTimeLimit(DESCRIBE_MILLISECONDS, () => describeFailure(thrown, kind, context));
    } catch {
      return { kind, message: "threw something that cannot be looked at", site: null };
    }
  }

  /** Where a function of the user's is written, by the name that a stack shows: "Cube.backward". */
  functionNamed(name: string, preferredFile: string | null): Site | null {
    return this.#modules.functionNamed(name, preferredFile);
  }

  /** The user's frames of a stack that was taken earlier, innermost first. */
  framesOf(stack: CapturedStack): readonly Frame[] {
    return framesOfCaptured(stack, this.#modules);
  }

  /** The user's frames now, innermost first. */
  frames(): readonly Frame[] {
    return framesHere(this.#modules);
  }

  /** The frame so many calls up from here, where it is the user's. */
  frameAt(depth: number): Frame | null {
    return frameAt(this.#modules, depth + 1);
  }
}
