import type { Pass } from "../autograd/pass.ts";
import { runtime } from "../core/runtime.ts";
import { elementCount } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import type { NodeId, SiteId } from "../protocol/ids.ts";
import type { Site } from "../protocol/site.ts";
import { LOG_QUANTITIES } from "../protocol/training-log.ts";
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
      const found = this.#rowFor(leaf, pass.ordinal);
      if (found) this.#write(pass, row, leaf, found, norms);
    }
    return norms;
  }

  /** A row that a tensor takes over from one that is no longer used, else a new one; null when there are too many. */
  #rowFor(leaf: Tensor, ordinal: number): ParameterRow | null {
    const place = `${leaf.qualifiedLabel} ${leaf.site} ${leaf.shape.join()}`;
    let rows = this.#byPlace.get(place);
    if (!rows) this.#byPlace.set(place, (rows = []));
    let row = rows.find(({ pass }) => pass < ordinal);
    if (!row) {
      if (this.#count >= MOST_ROWS) return null;
      const name = leaf.qualifiedLabel || `parameter ${this.#count}`;
      const described = { kind: "parameter" as const, name, shape: leaf.shape, site: this.#siteOf(leaf.site) };
      row = { firstColumn: this.#writer.addRow(described), pass: NEVER, last: leaf, norm: Number.NaN };
      this.#count++;
      rows.push(row);
    }
    this.#rows.set(leaf, row);
    return row;
  }

  #write(pass: Pass, row: NodeId, leaf: Tensor, entry: ParameterRow, norms: Map<NodeId, number>): void {
    const { shape, dtype } = leaf;
    const { tape } = pass;
    const value: View = { dtype, offset: tape.value(row), shape, strides: tape.strides(row) };
    const offset = tape.gradient(row);
    const gradient = offset === 0 ? null : { dtype, offset, shape, strides: tape.gradientStrides(row) };
    // What it was before lies where it lay, as long as the pass right before shows it.
    const isKnown = entry.pass === pass.ordinal - 1 && entry.last.dtype === dtype;
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
      writer.add(firstColumn + ZEROS, measured.zeros / Math.max(1, elementCount(shape)));
      writer.add(firstColumn + NOT_FINITE, measured.notFinite);
      writer.add(firstColumn + LARGEST, measured.largest);
      norms.set(row, measured.gradient);
    }
    entry.pass = pass.ordinal;
    entry.last = value;
    entry.norm = measured.value;
  }
}
