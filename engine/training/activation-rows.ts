import { elementCount } from "../core/shape.ts";
import { readElements } from "../core/elements.ts";
import { roleOf, type OpRole } from "../ops/role.ts";
import { LOG_QUANTITIES } from "../protocol/training-log.ts";
import type { ReadablePass } from "../reading/readable-pass.ts";
import type { LogWriter } from "../recording/log/log-writer.ts";

/** Activations are read in the first pass and in every one of so many: each costs about what it took to compute it. */
const EVERY = 20;
/** Larger ones are left out. */
const MOST_ELEMENTS = 1 << 18;
const MOST_ROWS = 1000;
/** Elements this close to a bound hardly move any more. */
const NEAR_BOUND = 0.01;

/** The values that an activation tends to. */
const BOUNDS: Readonly<Partial<Record<OpRole, readonly [low: number, high: number]>>> = {
  sigmoid: [0, 1],
  tanh: [-1, 1],
};

const [ZEROS, SATURATED, DEAD] = (["zeros", "saturated", "dead"] as const).map((quantity) =>
  LOG_QUANTITIES.activation.indexOf(quantity),
) as [number, number, number];

/** The rows of a log that are activations. */
export class ActivationRows {
  readonly #writer: LogWriter;
  readonly #columns = new Map<string, number>();

  constructor(writer: LogWriter) {
    this.#writer = writer;
  }

  /** Whether the activations of a pass are looked at, of so many passes before it. */
  isDue(ordinal: number): boolean {
    return ordinal % EVERY === 0;
  }

  write(pass: ReadablePass): void {
    const seen = new Map<string, number>();
    for (let row = 0; row < pass.rows; row++) {
      if (!pass.isOp(row)) continue;
      const role = roleOf(pass.recordedOp(row).record);
      const bounds = BOUNDS[role];
      if (role !== "rectifier" && !bounds) continue;
      const shape = pass.shape(row);
      const count = elementCount(shape);
      if (count === 0 || count > MOST_ELEMENTS) continue;
      const column = this.#columnOf(pass, row, seen);
      if (column < 0) continue;
      const elements = readElements(pass.value(row));
      let zeros = 0;
      for (const value of elements) if (value === 0) zeros++;
      this.#writer.add(column + ZEROS, zeros / count);
      if (bounds) this.#writer.add(column + SATURATED, nearBounds(elements, bounds) / count);
      else if (shape.length > 1 && shape[0]! > 1) this.#writer.add(column + DEAD, deadShare(elements, shape));
    }
  }

  /** The same op in the same call of a model has the same row in every pass. */
  #columnOf(pass: ReadablePass, row: number, seen: Map<string, number>): number {
    const { name } = pass.recordedOp(row);
    const scope = pass.scopes[pass.scope(row)];
    const label = pass.label(row);
    const site = pass.site(row);
    const place = `${scope?.path ?? ""} ${name} ${label} ${site?.file}:${site?.line}:${site?.column}`;
    const times = (seen.get(place) ?? 0) + 1;
    seen.set(place, times);
    const key = `${place} ${times}`;
    let column = this.#columns.get(key);
    if (column === undefined) {
      if (this.#columns.size >= MOST_ROWS) return -1;
      const named = label || [scope?.path, name].filter(Boolean).join(" ");
      column = this.#writer.addRow({
        kind: "activation",
        name: times > 1 ? `${named} (${times})` : named,
        shape: [],
        site,
      });
      this.#columns.set(key, column);
    }
    return column;
  }
}

function nearBounds(elements: Float64Array, [low, high]: readonly [number, number]): number {
  let near = 0;
  for (const value of elements) if (value < low + NEAR_BOUND || value > high - NEAR_BOUND) near++;
  return near;
}

/** The share of units that are zero for every example. */
function deadShare(elements: Float64Array, shape: readonly number[]): number {
  // Channels of images are on axis 1, units of anything else on the last.
  const axis = shape.length >= 4 ? 1 : shape.length - 1;
  const units = shape[axis]!;
  const inner = elementCount(shape.slice(axis + 1));
  const isAlive = new Uint8Array(units);
  for (let i = 0; i < elements.length; i++) if (elements[i] !== 0) isAlive[Math.floor(i / inner) % units] = 1;
  let alive = 0;
  for (const one of isAlive) alive += one;
  return 1 - alive / units;
}
