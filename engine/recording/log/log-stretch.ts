import { bytesOfPart, firstBuckets, halved, joined, setSingle, singleParts, type ColumnPart } from "./column-part.ts";

/** Consecutive passes of a log, equally many in each bucket. */
export class LogStretch {
  /** Position of its first pass. */
  readonly start: number;
  /** Passes in each bucket. */
  readonly width: number;
  /** How many buckets there is room for. */
  readonly buckets: number;
  /** How many passes it has. */
  passes: number;
  /** By column; a column has no part where it had no number. */
  readonly parts: (ColumnPart | undefined)[];

  constructor(start: number, width: number, buckets: number, passes = 0, parts: (ColumnPart | undefined)[] = []) {
    this.start = start;
    this.width = width;
    this.buckets = buckets;
    this.passes = passes;
    this.parts = parts;
  }

  /** Position after its last pass. */
  get end(): number {
    return this.start + this.passes;
  }

  get isFull(): boolean {
    return this.passes === this.width * this.buckets;
  }

  get bytes(): number {
    let sum = 0;
    for (const part of this.parts) if (part) sum += bytesOfPart(part);
    return sum;
  }

  /** Notes a number of its newest pass; buckets hold one pass each. @returns the bytes that this took */
  set(column: number, value: number, isPrecise: boolean): number {
    let part = this.parts[column];
    let bytes = 0;
    if (!part) {
      this.parts[column] = part = singleParts(this.buckets, isPrecise);
      bytes = bytesOfPart(part);
    }
    setSingle(part, this.passes - 1, value, this.end - 1);
    return bytes;
  }

  /** The same passes in half as many buckets; there must be an even number of them, all full. */
  thinned(): LogStretch {
    const parts = this.parts.map((part) => part && halved(part));
    return new LogStretch(this.start, 2 * this.width, this.buckets / 2, this.passes, parts);
  }

  /**
   * The stretches that remain of it before a position, which is within it. Passes that were drawn together with later ones are
   * lost.
   */
  before(position: number): LogStretch[] {
    const whole = Math.floor((position - this.start) / this.width);
    const split = this.start + whole * this.width;
    const kept: LogStretch[] = [];
    if (whole > 0) {
      const parts = this.parts.map((part) => part && firstBuckets(part, whole));
      kept.push(new LogStretch(this.start, this.width, whole, whole * this.width, parts));
    }
    if (split < position) kept.push(new LogStretch(split, 1, position - split, position - split));
    return kept;
  }

  /** This stretch and the one right after it, which has buckets of the same width. */
  joinedWith(next: LogStretch): LogStretch {
    const parts: (ColumnPart | undefined)[] = [];
    for (let column = 0; column < Math.max(this.parts.length, next.parts.length); column++) {
      const [first, second] = [this.parts[column], next.parts[column]];
      parts.push(first || second ? joined(first ?? this.buckets, second ?? next.buckets) : undefined);
    }
    return new LogStretch(this.start, this.width, this.buckets + next.buckets, this.passes + next.passes, parts);
  }
}
