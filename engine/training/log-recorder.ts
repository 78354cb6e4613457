import { labelTable, type Pass } from "../autograd/pass.ts";
import { TapeColumn } from "../autograd/tape.ts";
import { groupsOf, liveOptimizers, type Optimizer } from "../api/optim/optimizer.ts";
import type { NodeId, SiteId } from "../protocol/ids.ts";
import type { Site } from "../protocol/site.ts";
import type { ForeignPass } from "../reading/foreign-pass.ts";
import type { ReadablePass } from "../reading/readable-pass.ts";
import type { LogBatch } from "../recording/log/log-batch.ts";
import { LogWriter } from "../recording/log/log-writer.ts";
import { ActivationRows } from "./activation-rows.ts";
import { ParameterRows } from "./parameter-rows.ts";

/** Programs that call backward() from ever new places are followed as far as here. */
const MOST_LOSSES = 100;
const MOST_GROUPS = 200;
/** Milliseconds between two batches: four a second. */
const BATCH_TIME = 250;
/** A batch is handed over before it has more entries than this, however fast passes come. */
const MOST_ENTRIES = 1 << 18;

/** The clock as it was before anybody watched who reads it. */
const now = performance.now.bind(performance);

/** Writes the training log in the thread that runs the program: a few numbers of every pass, right after it. */
export class LogRecorder {
  readonly #siteOf: (id: SiteId) => Site | null;
  readonly #writer = new LogWriter();
  readonly #parameters: ParameterRows;
  readonly #activations: ActivationRows;
  readonly #losses = new Map<SiteId, number>();
  readonly #rates = new WeakMap<Optimizer, number[]>();
  #groups = 0;
  readonly #time: number;
  readonly #start = now();
  #taken = this.#start;

  constructor(siteOf: (id: SiteId) => Site | null) {
    this.#siteOf = siteOf;
    this.#time = this.#writer.addRow({ kind: "time", name: "time", shape: [], site: null });
    this.#parameters = new ParameterRows(this.#writer, siteOf);
    this.#activations = new ActivationRows(this.#writer);
  }

  /** Whether there is a batch that should not wait any longer. */
  get isDue(): boolean {
    return now() - this.#taken >= BATCH_TIME || this.#writer.entries > MOST_ENTRIES;
  }

  /**
   * A pass has run to its head.
   * @param show reads it as it was recorded
   * @returns norms of the gradients that it gave leaves, by row
   */
  finished(pass: Pass, show: () => ReadablePass): ReadonlyMap<NodeId, number> {
    const writer = this.#writer;
    this.#writeTime();
    if (pass.loss !== null) {
      this.#writeLoss(pass.site, pass.loss, () => labelTable.text(pass.tape.get(pass.roots[0]!, TapeColumn.label)));
    }
    this.#writeRates();
    const norms = this.#parameters.write(pass);
    if (this.#activations.isDue(pass.ordinal)) this.#activations.write(show());
    writer.end(pass.id);
    return norms;
  }

  /** The same of a pass that another framework ran, whose learning rates nobody knows. */
  finishedForeign(pass: ForeignPass): void {
    const { columns, source } = pass;
    this.#writeTime();
    if (columns.loss !== null) this.#writeLoss(source.site, columns.loss, () => columns.label(columns.roots[0]!));
    this.#parameters.writeForeign(pass);
    this.#writer.end(pass.id);
  }

  /** Hands over what was written since. */
  take(): LogBatch | null {
    this.#taken = now();
    return this.#writer.waiting > 0 ? this.#writer.take() : null;
  }

  #writeTime(): void {
    this.#writer.add(this.#time, (now() - this.#start) / 1000, false);
  }

  #writeLoss(site: SiteId, loss: number, labelOf: () => string): void {
    let column = this.#losses.get(site);
    if (column === undefined) {
      if (this.#losses.size >= MOST_LOSSES) return;
      column = this.#writer.addRow({ kind: "loss", name: labelOf() || "loss", shape: [], site: this.#siteOf(site) });
      this.#losses.set(site, column);
    }
    this.#writer.add(column, loss);
  }

  #writeRates(): void {
    for (const { optimizer } of liveOptimizers()) {
      let columns = this.#rates.get(optimizer);
      if (!columns) this.#rates.set(optimizer, (columns = []));
      const groups = groupsOf(optimizer);
      for (const [i, { lr }] of groups.entries()) {
        if (columns[i] === undefined) {
          if (this.#groups++ >= MOST_GROUPS) return;
          const { name: type } = optimizer.constructor;
          const name = groups.length === 1 ? type : `${type} group ${i}`;
          columns[i] = this.#writer.addRow({ kind: "rate", name, shape: [], site: null });
        }
        this.#writer.add(columns[i], lr);
      }
    }
  }
}
