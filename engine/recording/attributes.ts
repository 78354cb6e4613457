export type AttributeValue =
  number | boolean | string | null | readonly (number | null)[] | readonly (readonly [number, number])[];
/** An op's parameters that are not tensors. Plain data, so that they can be sent and stored. */
export type Attributes = { readonly [name: string]: AttributeValue | undefined };

/** What an op without any has: one object, so that it can be told at a glance. */
export const NO_ATTRIBUTES: Attributes = {};
