/** What model files see as `utils`. */
export { checkpoint } from "../../autograd/checkpoint.ts";
