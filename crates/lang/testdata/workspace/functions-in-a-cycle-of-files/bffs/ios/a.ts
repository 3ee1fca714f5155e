import { b } from "./b.ts";

export const a = (text: string) => b(text);
export const one = (text: string) => text.length;
