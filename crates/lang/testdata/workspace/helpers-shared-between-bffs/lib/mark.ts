export const mark = (loud: boolean) => (loud ? "!" : ".");
