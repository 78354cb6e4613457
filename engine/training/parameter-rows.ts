import type { Pass } from "../autograd/pass.ts";
import { runtime } from "../core/runtime.ts";
import { elementCount } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import type { NodeId, SiteId } from "../protocol/ids.ts";
import type { Site } from "../protocol/site.ts";
import { LOG_QUANTITIES } from "../protocol/training-log.ts";
import type { ForeignPass } from "../reading/foreign-pass.ts";
import { together } from "../reading/paged-tensors.ts";
import type { LogWriter } from "../recording/log/log-writer.ts";

/** Programs that make ever new parameters are followed as far as here. */
const MOST_ROWS = 5000;

const place = (quantity: (typeof LOG_QUANTITIES)["parameter"][number]): number =>
  LOG_QUANTITIES.parameter.indexOf(quantity);
const GRADIENT = place("gradient");
const VALUE = place("value");
const UPDATE = place("update");
const RATIO = place("ratio");
const ZEROS = place("zeros");
const NOT_FINITE = place("notFinite");
const LARGEST = place("largest");

/** Before the pass before the first. */
const NEVER = -2;

/** A parameter as the log follows it. */
interface ParameterRow {
  readonly firstColumn: number;
  /** Ordinal of the last pass that it was part of, what it was there, and the norm of that. */
  pass: number;
  last: View;
  norm: number;
  /** What holds the memory that `last` lies in, when the parameter is another framework's. */
  holder: ForeignPass | null;
}

/** What a parameter is called, and where it was made. */
interface Made {
  readonly name: string;
  readonly site: SiteId;
  readonly shape: readonly number[];
}

/**
 * The rows of a log that are parameters. A program that makes its parameters anew at every step (`w = w.sub(…).detach()`) has
 * one row for all that are made at one place, one after the other.
 */
export class ParameterRows {
  readonly #writer: LogWriter;
  readonly #siteOf: (id: SiteId) => Site | null;
  readonly #rows = new WeakMap<Tensor, ParameterRow>();
  readonly #byPlace = new Map<string, ParameterRow[]>();
  readonly #foreign = new Map<number, ParameterRow>();
  #count = 0;

  constructor(writer: LogWriter, siteOf: (id: SiteId) => Site | null) {
    this.#writer = writer;
    this.#siteOf = siteOf;
  }

  /** Writes what there is to say of the parameters of a pass. @returns norms of the gradients that arrived, by row */
  write(pass: Pass): ReadonlyMap<NodeId, number> {
    const norms = new Map<NodeId, number>();
    const unknown: (readonly [NodeId, Tensor])[] = [];
    for (const [row, leaf] of pass.leaves) {
      if (!leaf.ownRequiresGrad || leaf.ownNode !== null) continue;
      const known = this.#rows.get(leaf);
      if (known) this.#write(pass, row, leaf, known, norms);
      else unknown.push([row, leaf]);
    }
    for (const [row, leaf] of unknown) {
      const { qualifiedLabel: name, site, shape } = leaf;
      const found = this.#rowFor({ name, site, shape }, pass.ordinal, leaf);
      if (!found) continue;
      this.#rows.set(leaf, found);
      this.#write(pass, row, leaf, found, norms);
    }
    return norms;
  }

  /** The same of a pass that another framework ran. */
  writeForeign(pass: ForeignPass): void {
    pass.read((shown) => {
      // All are asked for before the first is written: what is missing is copied, and this begins anew.
      const found = shown.parameters.map(({ row, identity }) => {
        const [value, gradient] = together([() => shown.value(row), () => shown.gradient(row)]);
        return { row, identity, value: value!, gradient: gradient! };
      });
      for (const { row, identity, value, gradient } of found) {
        const described = { name: shown.label(row), site: shown.siteIndex(row) as SiteId, shape: shown.shape(row) };
        const entry = this.#foreign.get(identity) ?? this.#rowFor(described, pass.ordinal, value);
        if (!entry) continue;
        this.#foreign.set(identity, entry);
        this.#measure(entry, pass.ordinal, value, gradient);
        entry.holder = pass;
      }
    });
  }

  /** A row that a tensor takes over from one that is no longer used, else a new one; null when there are too many. */
  #rowFor({ name, site, shape }: Made, ordinal: number, last: View): ParameterRow | null {
    const place = `${name} ${site} ${shape.join()}`;
    let rows = this.#byPlace.get(place);
    if (!rows) this.#byPlace.set(place, (rows = []));
    let row = rows.find(({ pass }) => pass < ordinal);
    if (!row) {
      if (this.#count >= MOST_ROWS) return null;
      const described = { kind: "parameter" as const, shape, site: this.#siteOf(site) };
      const firstColumn = this.#writer.addRow({ ...described, name: name || `parameter ${this.#count}` });
      row = { firstColumn, pass: NEVER, last, norm: Number.NaN, holder: null };
      this.#count++;
      rows.push(row);
    }
    return row;
  }

  #write(pass: Pass, row: NodeId, leaf: Tensor, entry: ParameterRow, norms: Map<NodeId, number>): void {
    const { shape, dtype } = leaf;
    const { tape } = pass;
    const value: View = { dtype, offset: tape.value(row), shape, strides: tape.strides(row) };
    const offset = tape.gradient(row);
    const gradient = offset === 0 ? null : { dtype, offset, shape, strides: tape.gradientStrides(row) };
    const norm = this.#measure(entry, pass.ordinal, value, gradient);
    if (norm !== null) norms.set(row, norm);
  }

  /** @returns the gradient's norm; null where there is none */
  #measure(entry: ParameterRow, ordinal: number, value: View, gradient: View | null): number | null {
    // What it was before lies where it lay, as long as the pass right before shows it.
    const isKnown = entry.pass === ordinal - 1 && entry.last.dtype === value.dtype;
    const before = isKnown ? entry.last : value;
    const measured = runtime.kernels.parameterMeasures(gradient ?? value, value, before);
    const writer = this.#writer;
    const { firstColumn } = entry;
    writer.add(firstColumn + VALUE, measured.value);
    if (isKnown) {
      // Not known of parameters that other passes come between, so no digest of the pass may depend on it.
      writer.add(firstColumn + UPDATE, measured.update, false);
      if (entry.norm > 0) writer.add(firstColumn + RATIO, measured.update / entry.norm, false);
    }
    if (gradient) {
      writer.add(firstColumn + GRADIENT, measured.gradient);
      writer.add(firstColumn + ZEROS, measured.zeros / Math.max(1, elementCount(value.shape)));
      writer.add(firstColumn + NOT_FINITE, measured.notFinite);
      writer.add(firstColumn + LARGEST, measured.largest);
    }
    entry.pass = ordinal;
    entry.last = value;
    entry.norm = measured.value;
    return gradient && measured.gradient;
  }
}
