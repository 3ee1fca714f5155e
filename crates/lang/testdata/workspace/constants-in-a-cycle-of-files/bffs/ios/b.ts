import { A } from "./a.ts";

export const B = A;
