import { a } from "./a.ts";

export const b = (n: number): number => a(n) + 1;
