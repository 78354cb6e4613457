/** Element types of a tensor, named as PyTorch names them. */
export type DType = "float32" | "float64" | "int64" | "bool";

/** The order in which promotion climbs: an operation on two dtypes gives the one further right. */
export const DTYPES = ["bool", "int64", "float32", "float64"] as const satisfies readonly DType[];

/** Where each stands in {@link DTYPES}. */
export const DTYPE_INDEX: Readonly<Record<DType, number>> = { bool: 0, int64: 1, float32: 2, float64: 3 };

/**
 * Bytes an element takes in shared memory. An int64 is kept as a double: JavaScript reads every number as one, so a
 * model file could not see more than its 53 bits anyway, and integer tensors then use the float64 kernels.
 */
export const BYTES_PER_ELEMENT: Readonly<Record<DType, number>> = { bool: 1, int64: 8, float32: 4, float64: 8 };
