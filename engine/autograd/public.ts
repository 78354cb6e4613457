/** What model files see as `autograd`. */
export { grad } from "./backward.ts";
export { Context, Function } from "./function.ts";
