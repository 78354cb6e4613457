/** What model files see as `utils`. */
export { checkpoint } from "./checkpoint.ts";
