// Every computation that a lab can name.

export { training } from "./compute.js";
export { path, plane } from "./landscape.js";
