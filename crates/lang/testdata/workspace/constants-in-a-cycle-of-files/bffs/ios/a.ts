import { B } from "./b.ts";

export const A = 1;
export const both = () => A + B;
