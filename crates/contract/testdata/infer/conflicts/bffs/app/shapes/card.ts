import { shape } from "frontdesk";

export const card = shape("Card", (id: string) => ({ id }));
