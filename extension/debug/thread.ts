/** The only thread that the protocol hears of: the one that runs the model file. */
export const THREAD = 1;
