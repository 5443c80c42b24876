// Every computation that a lab can name.

export { batches } from "./batches.js";
export { cloud } from "./cloud.js";
export { training } from "./compute.js";
export { decay } from "./decay.js";
export { genie } from "./genie.js";
export { path, plane } from "./landscape.js";
export { concise } from "./twins.js";
export { products_and_roofs } from "./vectorization.js";
