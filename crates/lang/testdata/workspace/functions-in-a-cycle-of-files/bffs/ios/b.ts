import { one } from "./a.ts";

export const b = (text: string) => one(text) + 1;
