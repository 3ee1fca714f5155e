import { mark } from "../../lib/mark.ts";

export const greeting = (name: string) => `Hello ${name}${mark(true)}`;
