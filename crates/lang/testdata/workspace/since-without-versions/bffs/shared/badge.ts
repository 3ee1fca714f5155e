import { since } from "frontdesk";

export const badge = (text: string) => ({ text, isNew: since("5.0.0", true) });
