export { upper } from "./case.js";
