export { nothing } from "./cards.ts";
