export const LIMIT = 12;
