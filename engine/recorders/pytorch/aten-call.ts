import type { DType } from "../../protocol/dtype.ts";
import type { Attributes, AttributeValue } from "../../recording/attributes.ts";

/** A call of torch as the recorder noted it. */
export interface AtenCall {
  readonly name: string;
  /** What it was given besides tensors, by keyword, else by place. */
  readonly given: Attributes;
  readonly inputs: readonly { readonly shape: readonly number[] }[];
  readonly shape: readonly number[];
  /** The dtype in which the engine holds the result; null where it cannot. */
  readonly dtype: DType | null;
}

/** The record of ours that may compute the same, and its attributes. */
export interface Candidate {
  readonly record: string;
  readonly attributes: Attributes;
}

export type Mapping = (call: Arguments) => Candidate | null;

/** Arguments of a call by place or keyword, as the function's signature has them. */
export class Arguments {
  readonly call: AtenCall;
  readonly #taken = new Set<string>();

  constructor(call: AtenCall) {
    this.call = call;
  }

  get rank(): number {
    return this.call.inputs[0]?.shape.length ?? 0;
  }

  get(place: number, name: string): AttributeValue | undefined {
    const { given } = this.call;
    this.#taken.add(String(place)).add(name);
    return given[name] ?? given[String(place)];
  }

  number(place: number, name: string, otherwise: number): number {
    const value = this.get(place, name) ?? otherwise;
    return typeof value === "number" ? value : NaN;
  }

  flag(place: number, name: string, otherwise: boolean): boolean {
    const value = this.get(place, name) ?? otherwise;
    return value === true || value === 1;
  }

  /** One number for each of so many axes, from a list or from a number that stands for all. */
  each(place: number, name: string, axes: number, otherwise: number): readonly number[] {
    const value = this.get(place, name) ?? otherwise;
    const list = Array.isArray(value) ? (value as readonly number[]) : [Number(value)];
    return list.length === axes ? list : Array.from({ length: axes }, () => list[0] ?? otherwise);
  }

  /** An axis, counted from the first. */
  axis(place: number, name: string, otherwise: number): number {
    const axis = this.number(place, name, otherwise);
    return axis < 0 ? axis + Math.max(1, this.rank) : axis;
  }

  /** Axes, counted from the first; all where none are given. */
  axes(place: number, name: string): readonly number[] {
    const value = this.get(place, name);
    const all = Array.from({ length: this.rank }, (_, axis) => axis);
    const list = typeof value === "number" ? [value] : Array.isArray(value) ? (value as readonly number[]) : [];
    return list.length === 0 ? all : list.map((axis) => (axis < 0 ? axis + this.rank : axis));
  }

  /** Axes one by one from a place on, or as one list there; counted from the first. */
  restAxes(place: number, name: string): readonly number[] {
    return this.rest(place, name).map((axis) => (axis < 0 ? axis + this.rank : axis));
  }

  /** Numbers one by one from a place on, or as one list there. */
  rest(place: number, name: string): readonly number[] {
    const first = this.get(place, name);
    if (Array.isArray(first)) return first as readonly number[];
    const found: number[] = [];
    for (let at = place; ; at++) {
      const value = this.get(at, name);
      if (typeof value !== "number") return found;
      found.push(value);
    }
  }

  /** Whether the call says something that nobody has asked for, such as another dtype. */
  get saysMore(): boolean {
    return Object.entries(this.call.given).some(
      ([name, value]) => value !== null && value !== undefined && value !== false && !this.#taken.has(name),
    );
  }
}
