import { b } from "./b.ts";

export const a = (n: number): number => b(n);
