const hidden = () => 2;
export const card = () => 1;
export { missing };
export * from "./other.ts";
