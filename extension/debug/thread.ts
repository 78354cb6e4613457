/** The only thread that the protocol hears of, which runs the model file; of several ranks that of the first. */
export const THREAD = 1;
