import fc from "fast-check";

/**
 * Property tests draw the same cases in every run, so that a failure is one that the change made; `npm run fuzz` draws
 * others, and so does FC_SEED=number.
 */
const SEED = 20261123;

fc.configureGlobal({ seed: Number(process.env["FC_SEED"] ?? SEED) });
