import { isGradEnabled } from "../context/grad-mode.ts";
import { currentSite } from "../context/site.ts";
import { Module } from "../api/nn/module.ts";
import * as nn from "../api/nn/public.ts";
import { unregisteredIn } from "../api/nn/members.ts";
import type { Tensor } from "../core/tensor.ts";
import type { SiteId } from "../protocol/ids.ts";
import type { Site } from "../protocol/site.ts";
import type { ModuleHistory } from "./training.ts";

/** Programs that make modules in a loop are followed as far as here. */
const MOST_MODULES = 5000;
/** More names of one module, or lines that call it, say no more. */
const MOST_ALIASES = 8;
const MOST_LINES = 8;

interface ModuleEntry {
  readonly id: number;
  readonly module: WeakRef<Module>;
  readonly type: string;
  readonly madeAt: SiteId;
  calls: number;
  callsInTraining: number;
  readonly isModal: boolean;
  recordedInTraining: number;
  recordedInEvaluation: number;
  evalAt: SiteId;
  /** What eval() was called on then. */
  evaluated: WeakRef<Module> | null;
  /** Calls inside noGrad in training mode that no number was read after yet. */
  unread: number;
  readInTraining: number;
  readAt: SiteId;
  readonly aliases: string[];
  aliasSite: SiteId;
  /** Calls since the last pass. */
  lines: Set<SiteId>;
  mostLines: ReadonlySet<SiteId>;
}

/** The modules that a program makes, by number, and what it does with them. */
export class ModuleBook {
  readonly #siteOf: (id: SiteId) => Site | null;
  readonly #modules: ModuleEntry[] = [];
  readonly #moduleOf = new WeakMap<Module, ModuleEntry>();
  readonly #unread = new Set<ModuleEntry>();

  constructor(siteOf: (id: SiteId) => Site | null) {
    this.#siteOf = siteOf;
  }

  /** Those that can still be reached. */
  get live(): readonly Module[] {
    return this.#modules.flatMap(({ module }) => module.deref() ?? []);
  }

  made(module: Module): void {
    if (this.#modules.length >= MOST_MODULES) return;
    const entry: ModuleEntry = {
      id: this.#modules.length,
      module: new WeakRef(module),
      type: module.constructor.name,
      madeAt: module.madeAt,
      calls: 0,
      callsInTraining: 0,
      isModal: isDropout(module) || isBatchNorm(module),
      recordedInTraining: 0,
      recordedInEvaluation: 0,
      evalAt: 0 as SiteId,
      evaluated: null,
      unread: 0,
      readInTraining: 0,
      readAt: 0 as SiteId,
      aliases: [],
      aliasSite: 0 as SiteId,
      lines: new Set(),
      mostLines: new Set(),
    };
    this.#modules.push(entry);
    this.#moduleOf.set(module, entry);
  }

  named(module: Module, name: string): void {
    const entry = this.#moduleOf.get(module);
    if (!entry || entry.aliases.includes(name) || entry.aliases.length >= MOST_ALIASES) return;
    entry.aliases.push(name);
    entry.aliasSite = currentSite();
  }

  called(module: Module): void {
    const entry = this.#moduleOf.get(module);
    if (!entry) return;
    entry.calls++;
    if (module.training) entry.callsInTraining++;
    if (entry.isModal && mindsMode(module)) this.#noteMode(entry, module.training);
    if (entry.lines.size < MOST_LINES) entry.lines.add(currentSite());
  }

  /** `eval()` was called on a module. */
  evaluated(module: Module): void {
    for (const one of module.modules()) {
      const entry = this.#moduleOf.get(one);
      if (entry?.isModal !== true) continue;
      entry.evalAt = currentSite();
      entry.evaluated = new WeakRef(module);
    }
  }

  readOff(): void {
    for (const entry of this.#unread) {
      entry.readInTraining += entry.unread;
      entry.unread = 0;
      if (entry.readAt === 0) entry.readAt = currentSite();
    }
    this.#unread.clear();
  }

  /** A pass has run: what was called before belongs to it. */
  finished(): void {
    for (const entry of this.#unread) entry.unread = 0;
    this.#unread.clear();
    for (const entry of this.#modules) {
      if (entry.lines.size === 0) continue;
      if (entry.lines.size > entry.mostLines.size) entry.mostLines = entry.lines;
      entry.lines = new Set();
    }
  }

  /**
   * What has happened to them.
   * @param parameterOf numbers a parameter
   * @param isWhole whether all that an optimizer moves is inside of a module
   */
  describe(parameterOf: (tensor: Tensor) => number, isWhole: (module: Module) => boolean): ModuleHistory[] {
    const live = this.#modules.map((entry) => ({ entry, module: entry.module.deref() }));
    const parents = new Map<Module, { readonly id: number; readonly name: string }[]>();
    const plain = new Map<Module, ModuleHistory["unregisteredIn"][number][]>();
    for (const { entry, module } of live) {
      for (const [name, value] of module?.members() ?? []) {
        if (!(value instanceof Module)) continue;
        parents.set(value, [...(parents.get(value) ?? []), { id: entry.id, name }]);
      }
      for (const { field, kind, module: inside } of module ? unregisteredIn(module) : []) {
        plain.set(inside, [...(plain.get(inside) ?? []), { module: entry.id, field, kind }]);
      }
    }
    return live.map(({ entry, module }) => {
      const { id, type, calls, callsInTraining } = entry;
      const owners = module ? (parents.get(module) ?? []) : [];
      const evaluated = entry.evaluated?.deref();
      return {
        id,
        type,
        name: module?.variable || owners[0]?.name || "",
        madeAt: this.#siteOf(entry.madeAt),
        builtIn: module !== undefined && BUILT_IN.has(Object.getPrototypeOf(module) as object),
        calls,
        definesBackward: module !== undefined && typeof Reflect.get(module, "backward") === "function",
        callsInTraining,
        isModal: entry.isModal,
        recordedInTraining: entry.recordedInTraining,
        recordedInEvaluation: entry.recordedInEvaluation,
        evalAt: evaluated && isWhole(evaluated) ? this.#siteOf(entry.evalAt) : null,
        readInTraining: entry.recordedInTraining > 0 ? entry.readInTraining : 0,
        readAt: this.#siteOf(entry.readAt),
        parameters: module ? [...module.namedParameters("", false)].map(([, one]) => parameterOf(one)) : [],
        parents: owners.map((owner) => owner.id),
        places: Math.max(0, ...owners.map((owner) => owners.filter((other) => other.id === owner.id).length)),
        aliases: entry.aliases,
        aliasSite: entry.aliases.length > 1 ? this.#siteOf(entry.aliasSite) : null,
        callLines: [...entry.mostLines].flatMap((line) => this.#siteOf(line) ?? []),
        unregisteredIn: module && owners.length === 0 ? (plain.get(module) ?? []) : [],
      };
    });
  }

  #noteMode(entry: ModuleEntry, training: boolean): void {
    if (!isGradEnabled()) {
      if (training) {
        entry.unread++;
        this.#unread.add(entry);
      }
    } else if (training) entry.recordedInTraining++;
    else entry.recordedInEvaluation++;
  }
}

/** Prototypes of the engine's own layers. */
const BUILT_IN: ReadonlySet<unknown> = new Set(
  Object.values(nn as Readonly<Record<string, unknown>>).flatMap((value) =>
    typeof value === "function" ? [value.prototype as unknown] : [],
  ),
);

function isDropout(module: Module): module is nn.Dropout | nn.Dropout1d | nn.Dropout2d | nn.Dropout3d {
  return (
    module instanceof nn.Dropout ||
    module instanceof nn.Dropout1d ||
    module instanceof nn.Dropout2d ||
    module instanceof nn.Dropout3d
  );
}

function isBatchNorm(module: Module): module is nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d {
  return module instanceof nn.BatchNorm1d || module instanceof nn.BatchNorm2d || module instanceof nn.BatchNorm3d;
}

/** Whether a layer does in evaluation another thing than in training: not where nothing is dropped, or no statistics are kept. */
function mindsMode(module: Module): boolean {
  if (isDropout(module)) return module.p > 0;
  return !isBatchNorm(module) || module.runningMean !== null;
}
