/** How many spatial axes a layer may have: those of sequences, images and volumes. */
export type SpatialRank = 1 | 2 | 3;

/** The letters of the spatial axes, as messages write them after [N, C. */
export const SPATIAL_LETTERS: Readonly<Record<SpatialRank, string>> = { 1: "L", 2: "H, W", 3: "D, H, W" };
